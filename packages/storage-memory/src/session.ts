import type { BatchOptions, TargetContext } from './batch.js'
import { type Data, encode } from './bytes.js'
import { closedError } from './errors.js'
import { noop } from './noop.js'
import { type Entry, Range, type RangeOptions } from './range.js'
import { ReadBatch } from './read-batch.js'
import { type ColumnFamily, type DatabaseState, DEFAULT_FAMILY, type Snapshot } from './state.js'
import { WriteBatch } from './write-batch.js'

/**
 * hypercore-storage looks for files beside the database. A path with a zero byte is never a file, so Node.js answers
 * at once and does not ask the disk.
 */
const PATH = '\0memory/db'

export interface SessionOptions {
  /** @default the parent session's */
  readonly columnFamily?: ColumnFamily | string
  /**
   * Whether to see only what is written by now, and nothing later.
   * @default the parent session's
   */
  readonly snapshot?: boolean
}

/**
 * A database, or a session of it, with the methods of rocksdb-native 3 that hypercore-storage calls, under the same
 * names and with the same results. It has no encodings of keys and values.
 */
export class Session {
  readonly path = PATH
  /** hypercore-storage reads here whether the database is closing. */
  readonly _state: DatabaseState
  /** hypercore-storage reads here whether a session is a snapshot. */
  readonly _snapshot: Snapshot | null
  readonly #family: string
  readonly #isRoot: boolean
  #open = true

  /** @param origin what a session inherits from its parent. Without it, this is the database itself */
  constructor(state: DatabaseState, origin?: { family: string; snapshot: Snapshot | null }) {
    this._state = state
    this._snapshot = origin?.snapshot ?? null
    this.#family = origin?.family ?? DEFAULT_FAMILY
    this.#isRoot = origin === undefined
    state.sessions.add(this)
  }

  get opened(): boolean {
    return this._state.opened
  }

  get closed(): boolean {
    return this.#isRoot ? this._state.closed : !this.#open
  }

  /** Hypercore takes an object without a `db` for its options, and one with a `db` for a storage. */
  get db(): this {
    return this
  }

  get snapshotted(): boolean {
    return this._snapshot !== null
  }

  /** -1 when the session is closed. hypercore-storage reads it. */
  get _index(): number {
    return this.#open ? 0 : -1
  }

  ready(): Promise<void> {
    return this._state.ready()
  }

  session({ columnFamily, snapshot = this.snapshotted }: SessionOptions = {}): Session {
    this.#throwIfClosed()
    const family = columnFamily === undefined ? this.#family : this._state.family(columnFamily)
    return new Session(this._state, {
      family,
      snapshot: snapshot ? (this._snapshot ?? this._state.snapshot()) : null
    })
  }

  columnFamily(columnFamily: ColumnFamily | string): Session {
    return this.session({ columnFamily })
  }

  snapshot(): Session {
    return this.session({ snapshot: true })
  }

  /**
   * Closes a session. The database itself closes all its sessions, after their batches and iterators are done.
   *
   * @param options.force closes all other sessions too, also when this is not the database itself
   */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    if (!this._state.opened && !this._state.closed) await this._state.ready()
    this.#open = false
    this._state.sessions.delete(this)
    if (force) for (const session of this._state.sessions) await session.close()
    if (this.#isRoot) await this._state.close()
  }

  read(options?: BatchOptions): ReadBatch {
    return new ReadBatch(this.#target(), options)
  }

  write(options?: BatchOptions): WriteBatch {
    return new WriteBatch(this.#target(), options)
  }

  iterator(range?: RangeOptions, options?: RangeOptions): Range {
    return new Range(this.#target(), { ...range, ...options })
  }

  async *keys(range?: RangeOptions, options?: RangeOptions): AsyncGenerator<Buffer> {
    for await (const { key } of this.iterator(range, { ...options, values: false })) yield key
  }

  /** @returns the first entry of a range */
  async peek(range?: RangeOptions, options?: RangeOptions): Promise<Entry | null> {
    for await (const entry of this.iterator({ ...range, ...options, limit: 1 })) return entry
    return null
  }

  async get(key: Data): Promise<Buffer | null> {
    const batch = this.read({ autoDestroy: true })
    const value = batch.get(key)
    batch.tryFlush()
    return value
  }

  async put(key: Data, value: Data | null): Promise<void> {
    const batch = this.write({ autoDestroy: true })
    batch.tryPut(key, value)
    await batch.flush()
  }

  async delete(key: Data): Promise<void> {
    const batch = this.write({ autoDestroy: true })
    batch.tryDelete(key)
    await batch.flush()
  }

  async deleteRange(start: Data, end: Data): Promise<void> {
    const batch = this.write({ autoDestroy: true })
    batch.tryDeleteRange(start, end)
    await batch.flush()
  }

  /** Makes everything durable that is written, in all column families. */
  async flush(): Promise<void> {
    this.#throwIfClosed()
    await this._state.run((journal) => journal.sync())
  }

  /** Makes everything durable that is written, and holds all operations until {@link resume}. */
  async suspend(): Promise<void> {
    this.#throwIfClosed()
    await this._state.suspend()
  }

  async resume(): Promise<void> {
    this.#throwIfClosed()
    await this._state.resume()
  }

  /** Does nothing: there is nothing to compact. */
  async compactRange(): Promise<void> {
    await this._state.run(noop)
  }

  /** @returns the bytes of the keys and values from `start` up to `end` */
  async approximateSize(start: Data, end: Data): Promise<number> {
    return this._state.run(({ written }) => {
      let size = 0
      const range = { gte: encode(start), lt: encode(end) }
      for (const [key, value] of written.entries(this.#family, range)) size += key.length + value.length
      return size
    })
  }

  /** Whether all batches and iterators are destroyed. */
  isIdle(): boolean {
    return this._state.handles.isIdle()
  }

  async idle(): Promise<void> {
    await this._state.handles.idle()
  }

  #target(): TargetContext {
    this.#throwIfClosed()
    return { state: this._state, family: this.#family, snapshot: this._snapshot }
  }

  #throwIfClosed(): void {
    if (this._state.closing !== null || !this.#open) throw closedError()
  }
}
