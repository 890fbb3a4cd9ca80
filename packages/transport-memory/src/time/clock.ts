import { EventQueue, type Scheduled } from './event-queue.js'

/** The one place where a network gets the time. */
export interface Clock {
  /** Milliseconds, rising, with fractions. */
  now(): number
  /** Runs a function soon, never within the call. Within one rank they run in the order of the calls. */
  soon(run: () => void, rank?: number): void
  /** Runs a function at a time. At one time the lower rank runs first. */
  at(time: number, run: () => void, rank?: number): Scheduled
}

/** The longest that `setTimeout` can wait (ms). */
const MAX_DELAY = 2 ** 31 - 1

/** The time of this computer. Events that are due now run in microtasks. One timer serves all others. */
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

  // One timer for each frame would reorder frames: timers of different lengths fire in no certain order.
  at(time: number, run: () => void, rank?: number): Scheduled {
    const scheduled = this.#queue.add(time, run, rank)
    if (time < this.#armed) this.#arm()
    return {
      time,
      cancel: () => {
        scheduled.cancel()
        // A timer that fires too early does no harm. A timer for nothing would keep the process.
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
    this.#armed = Number.NEGATIVE_INFINITY // the timer is set below, once for all events
    const now = this.now()
    try {
      while (this.#queue.nextTime <= now) this.#queue.take()?.run()
    } finally {
      this.#arm()
    }
  }
}
