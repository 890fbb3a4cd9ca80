import { NetworkerError } from '@basestore/networker'
import type { MemoryDisk } from '@basestore/storage-memory'

export interface CrashOptions {
  /**
   * What is left of its store: `written` as when a process is killed, `flushed` as when power fails and what the
   * operating system had not written is lost, `wiped` as with a new disk, or all but so many of the last write
   * batches. With RocksDB only `written` and `wiped`.
   * @default 'written'
   */
  readonly store?: Kept
  /**
   * What others see: nothing at first, until they give up, or that the computer closes its links.
   * @default 'silent'
   */
  readonly links?: 'silent' | 'reset'
}

export type Kept = 'written' | 'flushed' | 'wiped' | { readonly lose: number }

const KEPT: readonly unknown[] = ['written', 'flushed', 'wiped']

/** @throws NetworkerError `INVALID_OPTION` */
export function checkCrash(kept: Kept, storage: 'memory' | 'rocksdb'): void {
  const loses = typeof kept === 'object' && Number.isInteger(kept.lose) && kept.lose >= 0
  if (!loses && !KEPT.includes(kept)) {
    throw invalid(
      `a crash leaves 'written', 'flushed', 'wiped' or { lose: write batches }, got ${JSON.stringify(kept)}`
    )
  }
  if (storage === 'rocksdb' && kept !== 'written' && kept !== 'wiped') {
    throw invalid("with RocksDB a crash leaves 'written' or 'wiped'; for the others take store: 'memory'")
  }
}

/** Has a disk lose what it loses in a crash. */
export function crashDisk(disk: MemoryDisk, kept: Kept): void {
  if (kept === 'wiped') disk.wipe()
  else disk.crash(typeof kept === 'object' ? kept : { keep: kept })
}

function invalid(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}
