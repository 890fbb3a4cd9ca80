import { Column } from './column.js'
import type { PictureData } from './data.js'

/** A frame, from when it was sent to when it arrived or was lost. */
export interface Flight {
  /** When it arrived or was lost, in virtual milliseconds. */
  readonly time: number
  readonly sent: number
  /** Bytes. */
  readonly size: number
  readonly isLost: boolean
}

/**
 * The frames that a picture shows one by one. When there are more than the limit, every pair keeps the same number of
 * frames, or all that it has. A pair keeps its last frames, since a failing run ends with the failure.
 */
export class Frames {
  readonly #limit: number
  readonly #lane = new Column()
  readonly #time = new Column()
  readonly #latency = new Column()
  readonly #size = new Column()
  readonly #isLost = new Column()
  readonly #dropped: number[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  add(lane: number, { time, sent, size, isLost }: Flight): void {
    this.#lane.push(lane)
    this.#time.push(time)
    this.#latency.push(time - sent)
    this.#size.push(size)
    this.#isLost.push(isLost ? 1 : 0)
    // Not at each frame, which would be slow, and before the frames fill the memory.
    if (this.#lane.length >= this.#limit * 2 + 1_000) this.#trim()
  }

  finish(tick: number): PictureData['frames'] {
    this.#trim()
    const times = this.#time.toTicks(tick)
    const gap = times.map((time, index) => time - (index > 0 ? times[index - 1]! : 0))
    return {
      lane: this.#lane.toUint32(),
      gap,
      latency: this.#latency.toTicks(tick),
      size: this.#size.toUint32(),
      lost: this.#isLost.toUint8()
    }
  }

  /** How many frames of each pair were left out. */
  dropped(pairs: number): Uint32Array {
    return Uint32Array.from({ length: pairs }, (_, pair) => this.#dropped[pair] ?? 0)
  }

  #trim(): void {
    const { length } = this.#lane
    if (length <= this.#limit) return
    const counts: number[] = []
    const pairOf = (index: number) => this.#lane.at(index) >> 1
    for (let index = 0; index < length; index++) counts[pairOf(index)] = (counts[pairOf(index)] ?? 0) + 1
    const most = share(Object.values(counts), this.#limit)
    const kept = new Uint8Array(length)
    const taken: number[] = []
    for (let index = length - 1; index >= 0; index--) {
      const pair = pairOf(index)
      const count = taken[pair] ?? 0
      if (count < most) {
        taken[pair] = count + 1
        kept[index] = 1
      } else this.#dropped[pair] = (this.#dropped[pair] ?? 0) + 1
    }
    for (const column of [this.#lane, this.#time, this.#latency, this.#size, this.#isLost]) {
      column.keep((index) => kept[index] === 1)
    }
  }
}

/** The most that each pair may keep, so that all together keep no more than the limit. */
export function share(counts: readonly number[], limit: number): number {
  const sorted = [...counts].sort((a, b) => a - b)
  let left = limit
  for (const [index, count] of sorted.entries()) {
    const most = Math.floor(left / (sorted.length - index))
    if (count > most) return most
    left -= count
  }
  return Number.POSITIVE_INFINITY
}
