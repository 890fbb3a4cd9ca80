import { draw } from '../distribution.js'
import type { Host } from '../host.js'
import { Random } from '../random.js'
import type { FullLinkShape } from './shape.js'

/** Bytes a millisecond of a link without a bandwidth, to tell how many bytes may be on their way: 1 Gbit/s. */
const GIGABIT = 125_000

/** Whether all that is written in a direction of this shape arrives at once, unless a rule delays it. */
export function isInstant({ latency, rate, coalesce }: FullLinkShape, from: Host, to: Host): boolean {
  const least = Math.min(rate, from.up.rate, to.down.rate)
  return latency === 0 && coalesce === 0 && least === Number.POSITIVE_INFINITY
}

/** Tells when the frames that are written in a direction arrive, and when its writer may write on. */
export class Timetable {
  /** Applies to what is written from now on. */
  shape: FullLinkShape
  readonly #from: Host
  readonly #to: Host
  readonly #chances: string
  /** Made when it is needed: with a fixed latency nothing is drawn. */
  #random: Random | undefined
  /** When all that was written has left the writer's host. */
  #freeAt = 0
  #lastArrival = 0
  /** When the piece to which frames are joined now arrives. */
  #pieceEnd = 0
  #longest = 0

  /** @param chances the seed of its latencies */
  constructor(chances: string, from: Host, to: Host, shape: FullLinkShape) {
    this.#chances = chances
    this.#from = from
    this.#to = to
    this.shape = shape
  }

  /** Takes so many bytes that are written now, and tells when they arrive. */
  arrival(now: number, size: number, delay: number): number {
    const { coalesce, rate } = this.shape
    const departure = Math.max(this.#freeAt, now) + size / rate
    this.#freeAt = Math.max(departure, this.#from.up.pass(now, size))
    this.#longest = Math.max(this.#longest, size)
    let arrival = Math.max(this.#freeAt + this.#latency() + delay, this.#lastArrival)
    if (coalesce > 0) {
      if (arrival > this.#pieceEnd) this.#pieceEnd = arrival + coalesce
      arrival = this.#pieceEnd
    }
    this.#lastArrival = arrival
    return arrival
  }

  /** When there is room in the queue. */
  get roomAt(): number {
    const rate = Math.min(this.shape.rate, this.#from.up.rate)
    return this.#freeAt - (this.shape.queue / rate || 0)
  }

  /**
   * How many bytes may be on their way while the writer writes on; with 0 it writes one batch at a time. The
   * way can hold so many: with fewer, latency would cap the throughput; more would pile up before a slow reader.
   */
  get window(): number {
    const { rate, reach, queue } = this.shape
    const least = Math.min(rate, this.#from.up.rate, this.#to.down.rate)
    if (reach === 0 && least === Number.POSITIVE_INFINITY) return 0
    return Math.min(least, GIGABIT) * reach + queue + 2 * this.#longest
  }

  #latency(): number {
    const { latency } = this.shape
    if (typeof latency === 'number') return latency
    this.#random ??= new Random(this.#chances)
    return draw(latency, this.#random)
  }
}
