import { draw } from '../distribution.js'
import type { Host } from '../host.js'
import type { Random } from '../random.js'
import type { FullShape } from './shape.js'

/** What a link without a limit is taken for when it comes to what may be under way: 1 Gbit/s, in bytes a millisecond. */
const GIGABIT = 125_000

/** Whether all arrives at once that is written in a direction of this shape, unless a rule delays it. */
export function isInstant({ latency, rate, coalesce }: FullShape, from: Host, to: Host): boolean {
  const least = Math.min(rate, from.up.rate, to.down.rate)
  return latency === 0 && coalesce === 0 && least === Number.POSITIVE_INFINITY
}

/** When what is written in a direction arrives, and when its writer may write on. */
export class Timetable {
  /** For what is written from now on. */
  shape: FullShape
  readonly #from: Host
  readonly #to: Host
  readonly #direction: { readonly random: Random }
  /** When all that was written has left the writer's host. */
  #freeAt = 0
  #lastArrival = 0
  /** When what is joined now arrives. */
  #pieceEnd = 0
  #longest = 0

  constructor(direction: { readonly random: Random }, from: Host, to: Host, shape: FullShape) {
    this.#direction = direction
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
   * How many bytes may be under way for the writer to write on; 0 lets one write go at a time. That is all that the
   * way can take, so that latency does not cap throughput, and no more, for who reads slowly.
   */
  get window(): number {
    const { rate, reach, queue } = this.shape
    const least = Math.min(rate, this.#from.up.rate, this.#to.down.rate)
    if (reach === 0 && least === Number.POSITIVE_INFINITY) return 0
    return Math.min(least, GIGABIT) * reach + queue + 2 * this.#longest
  }

  // Asking for the random numbers makes them.
  #latency(): number {
    const { latency } = this.shape
    return typeof latency === 'number' ? latency : draw(latency, this.#direction.random)
  }
}
