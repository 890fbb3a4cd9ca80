import { EventQueue, type Scheduled } from './event-queue.js'

/** The one place where a network asks for time. */
export interface Clock {
  /** Milliseconds, rising, with fractions. */
  now(): number
  /** Runs a function soon, never within the call. Of one rank in the order of the calls. */
  soon(run: () => void, rank?: number): void
  /** Runs a function at a time. At one time the lower rank goes first. */
  at(time: number, run: () => void, rank?: number): Scheduled
}

/** What `setTimeout` can wait for at most, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1

/** The time of this computer. What is due now runs in microtasks, the rest by one timer for all. */
export class RealClock implements Clock {
  readonly #queue = new EventQueue()
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires. */
  #armed = Number.POSITIVE_INFINITY

  now(): number {
    return performance.now()
  }

  soon(run: () => void): void {
    queueMicrotask(run)
  }

  // One timer a frame would reorder frames: timers of different lengths fire in no certain order.
  at(time: number, run: () => void, rank?: number): Scheduled {
    const scheduled = this.#queue.add(time, run, rank)
    if (time < this.#armed) this.#arm()
    return {
      time,
      cancel: () => {
        scheduled.cancel()
        // A timer that fires too early does no harm, but one for nothing would keep the process.
        if (this.#queue.size === 0) this.#arm()
      }
    }
  }

  #arm(): void {
    clearTimeout(this.#timer)
    this.#armed = this.#queue.nextTime
    if (this.#armed === Number.POSITIVE_INFINITY) return
    const delay = Math.ceil(this.#armed - this.now())
    this.#timer = setTimeout(this.#fire, Math.min(Math.max(0, delay), MAX_DELAY))
  }

  #fire = (): void => {
    this.#armed = Number.NEGATIVE_INFINITY // it is set below, once for all
    const now = this.now()
    try {
      while (this.#queue.nextTime <= now) this.#queue.take()?.run()
    } finally {
      this.#arm()
    }
  }
}
