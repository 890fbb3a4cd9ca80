import { Readable } from 'streamx'
import type { TargetContext } from './batch.js'
import { type Data, decode, encode } from './bytes.js'
import type { Bounds, Bytes } from './content.js'
import { noop } from './noop.js'

/** How many entries one read of RocksDB's iterator fetches. */
const CAPACITY = 8

export interface RangeOptions {
  /** An empty bound counts as no bound. */
  readonly gt?: Data | null
  readonly gte?: Data | null
  readonly lt?: Data | null
  readonly lte?: Data | null
  /** @default false */
  readonly reverse?: boolean
  /**
   * The most entries to return. A negative number means no limit.
   * @default Infinity
   */
  readonly limit?: number
  /**
   * Whether to read the values. If false, each value is null.
   * @default true
   */
  readonly values?: boolean
}

export interface Entry {
  readonly key: Buffer
  readonly value: Buffer | null
}

type Done = (error: Error | null) => void

/**
 * The entries of a range, as they are at the first read, or as the session's snapshot has them. It is a stream of
 * streamx, because hypercore-storage sets the `map` of the stream's state.
 */
export class Range extends Readable {
  readonly #target: TargetContext
  readonly #bounds: Bounds
  readonly #values: boolean
  #left: number
  #entries: Iterator<[Bytes, Bytes]> | null = null

  constructor(target: TargetContext, options: RangeOptions = {}) {
    super()
    const { limit = Number.POSITIVE_INFINITY, values = true } = options
    this.#target = target
    this.#bounds = boundsOf(options)
    this.#values = values
    this.#left = limit < 0 ? Number.POSITIVE_INFINITY : limit
    target.state.handles.inc()
    target.state.ranges.add(this)
  }

  /** Ends the stream with an error. Entries that were read and not consumed are lost. */
  interrupt(error: Error): void {
    this.on('error', noop) // without a listener, the error would end the process
    this.destroy(error)
  }

  override _open(done: Done): void {
    const { state, family, snapshot } = this.#target
    const opening = state.run((journal) => {
      const content = snapshot?.content ?? journal.written.clone()
      this.#entries = content.entries(family, this.#bounds)
    })
    opening.then(() => done(null), done)
  }

  override _read(done: Done): void {
    const wanted = Math.min(CAPACITY, this.#left)
    const reading = this.#target.state.run(() => this.#take(wanted))
    reading.then((entries) => {
      this.#left -= entries.length
      for (const entry of entries) this.push(entry)
      if (entries.length < CAPACITY) this.push(null)
      done(null)
    }, done)
  }

  override _destroy(done: Done): void {
    this.#entries = null
    this.#target.state.handles.dec()
    this.#target.state.ranges.delete(this)
    done(null)
  }

  override [Symbol.asyncIterator](): AsyncIterator<Entry> {
    return super[Symbol.asyncIterator]() as AsyncIterator<Entry>
  }

  #take(count: number): Entry[] {
    const entries: Entry[] = []
    while (entries.length < count) {
      const next = this.#entries?.next()
      if (next === undefined || next.done === true) break
      const [key, value] = next.value
      entries.push({ key: decode(key), value: this.#values ? decode(value) : null })
    }
    return entries
  }
}

function boundsOf({ gt, gte, lt, lte, reverse }: RangeOptions): Bounds {
  return { gt: boundOf(gt), gte: boundOf(gte), lt: boundOf(lt), lte: boundOf(lte), reverse }
}

function boundOf(data: Data | null | undefined): Bytes | undefined {
  return data === null || data === undefined || data.length === 0 ? undefined : encode(data)
}
