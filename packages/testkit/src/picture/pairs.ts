import { BUCKETS, type PictureData } from './data.js'
import { Numbering } from './numbering.js'

/** More peers than any run has. The key of two peers is one number. */
const MOST_PEERS = 2 ** 24

/** All pairs of peers that were ever linked, and what they sent each other. */
export class Pairs {
  readonly #pairs = new Numbering<number>()
  readonly #frames: number[] = []
  readonly #bytes: number[] = []
  /** By pair. */
  readonly #lost: number[] = []
  /** By lane. Made once the lane carries something. */
  readonly #series: (Float64Array | undefined)[] = []

  get size(): number {
    return this.#pairs.keys.length
  }

  /** The lane from a peer to another. */
  lane(from: number, to: number): number {
    const pair = this.#pairs.of(Math.min(from, to) * MOST_PEERS + Math.max(from, to))
    return pair * 2 + (from > to ? 1 : 0)
  }

  add(lane: number, bucket: number, size: number): void {
    this.#frames[lane] = (this.#frames[lane] ?? 0) + 1
    this.#bytes[lane] = (this.#bytes[lane] ?? 0) + size
    this.#series[lane] ??= new Float64Array(BUCKETS)
    this.#series[lane][bucket]! += size
  }

  /** Counts a frame that never arrived. */
  lose(lane: number): void {
    this.#lost[lane >> 1] = (this.#lost[lane >> 1] ?? 0) + 1
  }

  totals(): Omit<PictureData['pairs'], 'dropped'> {
    const { keys } = this.#pairs
    const lanes = keys.length * 2
    return {
      a: Uint32Array.from(keys, (key) => Math.floor(key / MOST_PEERS)),
      b: Uint32Array.from(keys, (key) => key % MOST_PEERS),
      frames: Uint32Array.from({ length: lanes }, (_, lane) => this.#frames[lane] ?? 0),
      bytes: Float64Array.from({ length: lanes }, (_, lane) => this.#bytes[lane] ?? 0),
      lost: Uint32Array.from(keys, (_, pair) => this.#lost[pair] ?? 0)
    }
  }

  /** Bytes by time, of the pairs with the most bytes. */
  traffic(limit: number): PictureData['traffic'] {
    const all = Array.from({ length: this.size }, (_, pair) => pair)
    const busy = all.filter((pair) => this.#total(pair) > 0).sort((a, b) => this.#total(b) - this.#total(a))
    const pair = Uint32Array.from(busy.slice(0, limit))
    const bytes = new Float64Array(pair.length * 2 * BUCKETS)
    for (const [index, number] of pair.entries()) {
      for (const way of [0, 1]) {
        const series = this.#series[number * 2 + way]
        if (series) bytes.set(series, (index * 2 + way) * BUCKETS)
      }
    }
    return { pair, bytes }
  }

  #total(pair: number): number {
    return (this.#bytes[pair * 2] ?? 0) + (this.#bytes[pair * 2 + 1] ?? 0)
  }
}
