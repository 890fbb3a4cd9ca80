import ReadyResource from 'ready-resource'
import RefCounter from 'refcounter'
import type { Content } from './content.js'
import type { Journal } from './journal.js'

/** Of RocksDB's binding, which hypercore-storage makes its column family with. */
export interface ColumnFamily {
  readonly name: string
  destroy?(): void
}

/** A content that stays as it is. None yet in a snapshot that was taken before the database opened. */
export interface Snapshot {
  content: Content | null
}

export interface Closable {
  readonly _snapshot: Snapshot | null
  close(): Promise<void>
}

/** What a crash interrupts. */
export interface Interruptible {
  interrupt(error: Error): void
}

interface Latch {
  readonly promise: Promise<boolean>
  resolve(resumed: boolean): void
}

export const DEFAULT_FAMILY = 'default'

/**
 * What all sessions of an open database share: its lifecycle and its journal.
 *
 * An operation takes effect when it is asked for, in the order of the calls, and its result arrives some
 * microtasks later: never at once, and without a timer, an immediate or a thread.
 */
export class DatabaseState extends ReadyResource {
  /** Operations under way. */
  readonly io = new RefCounter()
  /** Batches and iterators that are not destroyed. Closing waits for them. */
  readonly handles = new RefCounter()
  readonly sessions = new Set<Closable>()
  readonly ranges = new Set<Interruptible>()
  readonly #journal: Journal
  readonly #families = new Map<string, ColumnFamily>()
  /** Earlier than `opened`: then there is a content for the snapshots that were waiting. */
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

  /** @throws an Error for a name that nobody asked for before the database opened, as RocksDB does */
  family(family: ColumnFamily | string): string {
    const name = typeof family === 'string' ? family : family.name
    if (name === DEFAULT_FAMILY || this.#families.has(name)) return name
    if (typeof family === 'string' && this.opened) throw new Error('Unknown column family')
    this.#families.set(name, typeof family === 'string' ? { name } : family)
    return name
  }

  snapshot(): Snapshot {
    return { content: this.#populated ? this.#journal.written.clone() : null }
  }

  /** The work of one operation, when the database is open and not suspended. */
  async run<T>(work: (journal: Journal) => T): Promise<T> {
    if (!this.opened) await this.ready()
    this.io.inc()
    try {
      while (this.#resumed !== null) await this.#resume(this.#resumed)
      this.#throwIfCrashed()
      const result = work(this.#journal)
      await undefined // a crash until here keeps the result from arriving
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

  /** Ends it without closing: whatever is under way rejects, and so does all that is asked for later. */
  crash(): void {
    this.#crashed = true
    this.closing ??= Promise.resolve()
    this.closed = true
    this.#resumed?.resolve(false)
    for (const range of this.ranges) range.interrupt(closedError())
    this.#destroyFamilies()
  }

  protected override async _open(): Promise<void> {
    await undefined // column families may be named until then
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

  /** One change after the other, and only the last one wanted. */
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

/** In RocksDB's words, for there is code that looks for them. */
export function closedError(): Error {
  return new Error('RocksDB session is closed')
}

function latch(): Latch {
  let resolve = (_resumed: boolean): void => {}
  const promise = new Promise<boolean>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
