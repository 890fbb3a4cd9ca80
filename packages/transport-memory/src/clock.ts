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

/** The time of this computer. What is due now runs in microtasks, the rest by one timer for all. */
export class RealClock implements Clock {
  readonly #queue = new EventQueue()
  #timer: NodeJS.Timeout | undefined
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
    this.#arm()
    return {
      time,
      cancel: () => {
        scheduled.cancel()
        this.#arm()
      }
    }
  }

  #arm(): void {
    const next = this.#queue.nextTime
    if (next === this.#armed) return
    clearTimeout(this.#timer)
    this.#armed = next
    if (next === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(this.#fire, Math.max(0, next - this.now()))
  }

  #fire = (): void => {
    this.#armed = Number.POSITIVE_INFINITY
    const now = this.now()
    try {
      while (this.#queue.nextTime <= now) this.#queue.take()?.run()
    } finally {
      this.#arm()
    }
  }
}
