import { NetworkerError } from '@basestore/networker'
import type { MemoryDisk } from '@basestore/storage-memory'

export interface CrashFault {
  /**
   * The part of the peer's store that survives. `written`: all that was written, as when a process is killed. `flushed`: only
   * what is durable, as when the power fails. `wiped`: nothing, as with a new disk. `{ lose: 3 }`: all but the last
   * three write batches. With RocksDB, only `written` and `wiped` are possible.
   * @default 'written'
   */
  readonly store?: Kept
  /**
   * How other peers notice. `silent`: not at all, until they give up. `reset`: the computer closes its links at once.
   * @default 'silent'
   */
  readonly links?: 'silent' | 'reset'
}

export type Kept = 'written' | 'flushed' | 'wiped' | { readonly lose: number }

const KEPT: readonly unknown[] = ['written', 'flushed', 'wiped']

/** @throws NetworkerError `INVALID_OPTION` */
export function assertKept(kept: Kept, storage: 'memory' | 'rocksdb'): void {
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

export function crashDisk(disk: MemoryDisk, kept: Kept): void {
  if (kept === 'wiped') disk.wipe()
  else disk.crash(typeof kept === 'object' ? kept : { keep: kept })
}

function invalid(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}
