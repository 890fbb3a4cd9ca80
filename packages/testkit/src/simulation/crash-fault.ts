import { NetworkerError } from '@basestore/networker'
import { checkOptions } from '@basestore/networker/transport'
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
export function readCrash(fault: CrashFault, storage: 'memory' | 'rocksdb'): Required<CrashFault> {
  checkOptions<CrashFault>(fault, { store: 'any', links: 'any' }, { what: 'the options of crash()' })
  const { store = 'written', links = 'silent' } = fault
  assertKept(store, storage)
  if (links !== 'silent' && links !== 'reset')
    throw invalid(`links must be 'silent' or 'reset', got ${links}`)
  return { store, links }
}

/** @throws NetworkerError `INVALID_OPTION` */
function assertKept(kept: Kept, storage: 'memory' | 'rocksdb'): void {
  if (typeof kept === 'object') checkOptions(kept, { lose: 'any' }, { what: 'the parts of store' })
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
