import ReadyResource from 'ready-resource'
import RefCounter from 'refcounter'
import type { Content } from './content.js'
import { closedError, StorageError } from './errors.js'
import type { Journal } from './journal.js'

/** The part that we use of a `ColumnFamily` of rocksdb-native. hypercore-storage makes one for its database. */
export interface ColumnFamily {
  readonly name: string
  destroy?(): void
}

/** A content that does not change. It is null in a snapshot of a database that is not open yet. */
export interface Snapshot {
  content: Content | null
}

export interface Closable {
  readonly _snapshot: Snapshot | null
  close(): Promise<void>
}

/** A stream that a crash ends. */
export interface Interruptible {
  interrupt(error: Error): void
}

interface Latch {
  readonly promise: Promise<boolean>
  resolve(resumed: boolean): void
}

export const DEFAULT_FAMILY = 'default'

/**
 * The common state of all sessions of one open database: its lifecycle and its journal.
 *
 * An operation takes effect when it is called, in the order of the calls. Its result arrives some microtasks later,
 * never at once, and without a timer, an immediate or a thread.
 */
export class DatabaseState extends ReadyResource {
  /** Counts the operations that are pending. */
  readonly io = new RefCounter()
  /** Counts the batches and iterators that are not destroyed. Closing waits for them. */
  readonly handles = new RefCounter()
  readonly sessions = new Set<Closable>()
  readonly ranges = new Set<Interruptible>()
  readonly #journal: Journal
  readonly #families = new Map<string, ColumnFamily>()
  /** Whether snapshots have a content. True a little before `opened` is. */
  #populated = false
  #crashed = false
  #suspended = false
  #wanted: 'suspended' | 'resumed' = 'resumed'
  #update: Promise<void> | null = null
  #resumed: Latch | null = null

  constructor(journal: Journal) {
    super()
    this.#journal = journal
  }

  get journal(): Journal {
    return this.#journal
  }

  /** @throws StorageError `UNKNOWN_COLUMN_FAMILY` for a name that is new once the database is open, as in RocksDB */
  family(family: ColumnFamily | string): string {
    const name = typeof family === 'string' ? family : family.name
    if (name === DEFAULT_FAMILY || this.#families.has(name)) return name
    if (typeof family === 'string' && this.opened) {
      throw new StorageError('UNKNOWN_COLUMN_FAMILY', 'Unknown column family')
    }
    this.#families.set(name, typeof family === 'string' ? { name } : family)
    return name
  }

  snapshot(): Snapshot {
    return { content: this.#populated ? this.#journal.written.clone() : null }
  }

  /** Does the work of one operation, once the database is open and not suspended. */
  async run<T>(work: (journal: Journal) => T): Promise<T> {
    if (!this.opened) await this.ready()
    this.io.inc()
    try {
      while (this.#resumed !== null) await this.#resume(this.#resumed)
      this.#throwIfCrashed()
      const result = work(this.#journal)
      await undefined // when a crash comes before here, the result never arrives
      this.#throwIfCrashed()
      return result
    } finally {
      this.io.dec()
    }
  }

  async suspend(): Promise<void> {
    this.#wanted = 'suspended'
    await this.#reach()
  }

  async resume(): Promise<void> {
    this.#wanted = 'resumed'
    await this.#reach()
  }

  /** Ends the database without closing it. Pending and later operations reject. */
  crash(): void {
    this.#crashed = true
    this.closing ??= Promise.resolve()
    this.closed = true
    this.#resumed?.resolve(false)
    for (const range of this.ranges) range.interrupt(closedError())
    this.#destroyFamilies()
  }

  protected override async _open(): Promise<void> {
    await undefined // until here, new column families may be named
    this.#throwIfCrashed()
    this.#populated = true
    for (const { _snapshot } of this.sessions) {
      if (_snapshot !== null) _snapshot.content ??= this.#journal.written.clone()
    }
  }

  protected override async _close(): Promise<void> {
    while (this.#update !== null) await this.#update
    this.#resumed?.resolve(false)
    while (!this.io.isIdle()) await this.io.idle()
    while (!this.handles.isIdle()) await this.handles.idle()
    for (const session of this.sessions) await session.close()
    if (this.#crashed) return
    this.#journal.sync()
    this.#destroyFamilies()
  }

  async #resume(latch: Latch): Promise<void> {
    this.io.dec()
    const resumed = await latch.promise
    this.io.inc()
    if (!resumed) throw closedError()
  }

  /** Makes one change after the other. When several are asked for meanwhile, only the last one counts. */
  async #reach(): Promise<void> {
    while (this.#update !== null) await this.#update
    if (this.#suspended === (this.#wanted === 'suspended') || this.closing !== null) return
    this.#update = this.#suspended ? this.#continue() : this.#pause()
    try {
      await this.#update
    } finally {
      this.#update = null
    }
  }

  async #pause(): Promise<void> {
    this.#resumed = latch()
    while (!this.io.isIdle()) await this.io.idle()
    this.#throwIfCrashed()
    this.#journal.sync()
    this.#suspended = true
  }

  async #continue(): Promise<void> {
    await undefined
    this.#throwIfCrashed()
    const resumed = this.#resumed
    this.#suspended = false
    this.#resumed = null
    resumed?.resolve(true)
  }

  #throwIfCrashed(): void {
    if (this.#crashed) throw closedError()
  }

  #destroyFamilies(): void {
    for (const family of this.#families.values()) family.destroy?.()
  }
}

function latch(): Latch {
  let resolve = (_resumed: boolean): void => {}
  const promise = new Promise<boolean>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
