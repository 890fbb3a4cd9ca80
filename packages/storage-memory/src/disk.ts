import { Journal } from './journal.js'
import { Session } from './session.js'
import { DatabaseState } from './state.js'

/** About what RocksDB's log may hold before an operating system has written it back, in bytes. */
const UNSYNCED = 1024 * 1024

export interface MemoryDiskOptions {
  /**
   * Bytes that may be written and not be durable. Beyond, the oldest write batches become durable.
   * @default 1_048_576
   */
  readonly unsynced?: number
}

/** What a crash leaves of the write batches that are not durable. Each is there as a whole or not at all. */
export type Crash =
  /** 'written': all, as when a process is killed. 'flushed': none, as when power fails. */
  | { readonly keep: 'written' | 'flushed' }
  /** All but so many of the last. */
  | { readonly lose: number }

/**
 * Stands for a RocksDB: `new Corestore(database)`, and `new CorestoreStorage(database)` of hypercore-storage, take
 * it as they take one. Results arrive some microtasks after they are asked for, without timers, immediates and
 * threads.
 */
export interface MemoryDatabase {
  readonly path: string
  readonly opened: boolean
  readonly closed: boolean
  ready(): Promise<void>
  /** Makes durable what is written. */
  flush(): Promise<void>
  /** Makes durable what is written, when all batches and iterators are done. Corestore does it. */
  close(options?: { force?: boolean }): Promise<void>
}

/**
 * What outlives a crash: a disk in memory, with one database on it.
 *
 * A write is there for every reader at once, and durable after a flush, after a clean close or suspend, after
 * {@link sync}, or when enough has been written after it.
 *
 * @example
 * const disk = new MemoryDisk()
 * const store = new Corestore(disk.open())
 * await store.get({ name: 'log' }).append('gone')
 * disk.crash({ keep: 'flushed' })
 * const recovered = new Corestore(disk.open())
 */
export class MemoryDisk {
  readonly #journal: Journal
  #state: DatabaseState | null = null

  constructor({ unsynced = UNSYNCED }: MemoryDiskOptions = {}) {
    if (!(unsynced >= 0)) throw new RangeError(`unsynced must be a number of bytes, got ${unsynced}`)
    this.#journal = new Journal(unsynced)
  }

  /** Bytes of all keys and values that are durable. Counts them at each call. */
  get bytes(): number {
    return this.#journal.durable.bytes
  }

  /** Write batches that a crash may lose. */
  get unsynced(): number {
    return this.#journal.pending
  }

  /**
   * A database over what is there.
   * @throws an Error when one is open: a disk has one at a time
   */
  open(): MemoryDatabase {
    if (this.#state?.closed === false) {
      throw new Error('The disk has an open database; close it, or call crash()')
    }
    this.#state = new DatabaseState(this.#journal)
    return new Session(this.#state)
  }

  /** Makes durable what is written, as an operating system does now and then. */
  sync(): void {
    this.#journal.sync()
  }

  /**
   * Ends the open database, if there is one: what is under way in it rejects, and so does all that is asked of it
   * later, but for close().
   */
  crash(crash: Crash): void {
    const lost = lostBy(crash, this.#journal.pending)
    this.#end()
    this.#journal.revert(lost)
    this.#journal.sync() // what a reboot found is on the disk
  }

  /** Ends the open database as a crash does, and forgets all. */
  wipe(): void {
    this.#end()
    this.#journal.wipe()
  }

  /** Whether no operation is under way, as at every return to the event loop. One that a suspend holds is not. */
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

function lostBy(crash: Crash, pending: number): number {
  if ('lose' in crash) {
    if (Number.isInteger(crash.lose) && crash.lose >= 0) return crash.lose
    throw new RangeError(`lose must be a number of write batches, got ${crash.lose}`)
  }
  return crash.keep === 'written' ? 0 : pending
}
