import { StorageError } from './errors.js'
import { Journal } from './journal.js'
import { Session } from './session.js'
import { DatabaseState } from './state.js'

/** Bytes. About what RocksDB's log holds before an operating system has written it to the disk. */
const UNSYNCED_BYTES = 1024 * 1024

export interface MemoryDiskOptions {
  /**
   * How many bytes may be written without being durable. When there are more, the oldest write batches become
   * durable. With 0, every write is durable at once.
   * @default 1_048_576
   */
  readonly unsyncedBytes?: number
}

/** How many of the write batches that are not durable survive a crash. A batch survives as a whole or not at all. */
export type DiskCrashFault =
  /** `written`: all batches, as when the process is killed. `flushed`: none, as when the power fails. */
  | { readonly keep: 'written' | 'flushed' }
  /** All batches but the last `lose`, as when the power fails while the system writes. */
  | { readonly lose: number }

/**
 * A database in memory with RocksDB's methods. Pass it to `new Corestore(storage)`, `new Hypercore(storage)`, or
 * `new CorestoreStorage(storage)` of hypercore-storage. Results arrive some microtasks after the call: it uses no
 * timers, no immediates and no threads.
 */
export interface MemoryStorage {
  readonly path: string
  readonly opened: boolean
  readonly closed: boolean
  ready(): Promise<void>
  /** Makes everything durable that was written. */
  flush(): Promise<void>
  /** Waits for all batches and iterators, then makes everything durable. Corestore and Hypercore call this. */
  close(options?: { force?: boolean }): Promise<void>
}

/**
 * A disk in memory that holds the content of one storage. The disk outlives crashes of that storage.
 *
 * All readers see a write at once. The write is durable after a flush, a clean close, a suspend, {@link sync}, or
 * once enough has been written after it.
 *
 * @example
 * const disk = new MemoryDisk()
 * const store = new Corestore(disk.open())
 * await store.get({ name: 'log' }).append('not flushed')
 * disk.crash({ keep: 'flushed' })
 * const recovered = new Corestore(disk.open()) // the log is empty
 */
export class MemoryDisk {
  readonly #journal: Journal
  #state: DatabaseState | null = null

  /** @throws StorageError `INVALID_OPTION` */
  constructor(options: MemoryDiskOptions = {}) {
    checkNames('a disk', options, ['unsyncedBytes'])
    const { unsyncedBytes = UNSYNCED_BYTES } = options
    if (typeof unsyncedBytes !== 'number' || !(unsyncedBytes >= 0)) {
      throw invalidOption(`unsyncedBytes must be a number of bytes from 0 on, got ${unsyncedBytes}`)
    }
    this.#journal = new Journal(unsyncedBytes)
  }

  /** Bytes of all durable keys and values. Each call counts them. */
  get durableBytes(): number {
    return this.#journal.durable.bytes
  }

  /** How many write batches a crash may lose. */
  get unsyncedBatches(): number {
    return this.#journal.pending
  }

  /**
   * Opens a storage with the content of this disk.
   *
   * @throws StorageError `DISK_IN_USE` when one is open already
   */
  open(): MemoryStorage {
    if (this.#state?.closed === false) {
      throw new StorageError('DISK_IN_USE', 'The disk has an open storage; close it, or call crash()')
    }
    this.#state = new DatabaseState(this.#journal)
    return new Session(this.#state)
  }

  /** Makes everything durable that was written, as an operating system does now and then. */
  sync(): void {
    this.#journal.sync()
  }

  /**
   * Ends the open storage, if there is one. Its pending calls reject, and so do all later calls but `close()`.
   *
   * @throws StorageError `INVALID_OPTION`
   */
  crash(fault: DiskCrashFault): void {
    const lost = lostBy(fault, this.#journal.pending)
    this.#end()
    this.#journal.revert(lost)
    this.#journal.sync() // what the next open finds is on the disk
  }

  /** Ends the open storage as a crash does, and erases the disk. */
  wipe(): void {
    this.#end()
    this.#journal.wipe()
  }

  /**
   * Whether no call is pending. That is so at every return to the event loop. A call that a suspend holds does not
   * count as pending.
   */
  isIdle(): boolean {
    const state = this.#state
    if (state === null || state.closed) return true
    return state.io.isIdle() && (state.opening === null || state.opened)
  }

  #end(): void {
    this.#state?.crash()
    this.#state = null
  }
}

function lostBy(fault: DiskCrashFault, pending: number): number {
  checkNames('a crash', fault, ['keep', 'lose'])
  const { keep, lose } = fault as { keep?: unknown; lose?: number }
  if ((keep === undefined) === (lose === undefined)) throw invalidOption('a crash takes either keep or lose')
  if (lose !== undefined) {
    if (Number.isInteger(lose) && lose >= 0) return lose
    throw invalidOption(`lose must be a number of write batches, got ${lose}`)
  }
  if (keep === 'written') return 0
  if (keep === 'flushed') return pending
  throw invalidOption(`keep must be 'written' or 'flushed', got ${JSON.stringify(keep)}`)
}

/** An option that nobody reads is a slip of the pen. There are so few names that the error lists them all. */
function checkNames(what: string, options: unknown, known: readonly string[]): void {
  const names = known.join(' or ')
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(`${what} takes an object with ${names}, got ${String(options)}`)
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalidOption(`unknown option '${unknown}'; ${what} takes ${names}`)
}

function invalidOption(detail: string): StorageError {
  return new StorageError('INVALID_OPTION', detail)
}
