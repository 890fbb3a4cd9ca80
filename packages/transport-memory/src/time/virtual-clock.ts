import type { Clock } from './clock.js'
import { EventQueue, type Scheduled } from './event-queue.js'
import { watch } from './quiescence.js'
import { installTimers } from './virtual-timers.js'

/** 2000-01-01: far from any real date, so that one shows which it is. */
const EPOCH = Date.UTC(2000, 0, 1)
/** Once it is said that a limit is reached, so much more than that may be used to clean up. */
const GRACE = 1.5
/** The memory is asked for once in so many looks, since that costs more than an event. */
const LOOKS = 1024

/** Why a run does not get on: nothing is left that could happen, or more happened than was to. */
export type StuckReason = 'deadlock' | keyof RunLimits

/** What a run may use. Each is without limit unless given. */
export interface RunLimits {
  /** Virtual milliseconds, since the clock was made. */
  readonly time?: number
  /** Events: frames, timers, and all else that the clock ran, since it was made. */
  readonly events?: number
  /** Real milliseconds. */
  readonly wall?: number
  /** Resident memory of the process, in bytes. */
  readonly memory?: number
}

export interface VirtualClockOptions {
  /** What `Date.now()` says at the start, in milliseconds since 1970. @default 2000-01-01 */
  readonly epoch?: number
  readonly limits?: RunLimits
}

export interface RunOptions {
  /**
   * Called when the run is stuck, once; whoever waits within it can be told then. When that gets nothing going,
   * `run` rejects.
   */
  readonly onstuck?: (reason: StuckReason) => void
}

/**
 * Time that passes only when there is nothing left to do. While {@link run} runs, `setTimeout`, `setInterval`,
 * their clears, `Date`, `performance.now`, `AbortSignal.timeout`, `node:timers` and `node:timers/promises` are its
 * own, in the whole process; `queueMicrotask`, `process.nextTick` and `setImmediate` stay what they are. Before each
 * event everything else comes to rest: promises, file system, databases.
 */
export class VirtualClock implements Clock {
  readonly epoch: number
  readonly limits: RunLimits
  readonly #queue = new EventQueue()
  readonly #probes = new Set<() => boolean>()
  #now = 0
  #events = 0
  #looks = 0
  #running = false
  /** Timers that keep nothing going: those that were unref'd. */
  #background = 0
  #failure: { readonly error: unknown } | undefined

  constructor({ epoch = EPOCH, limits = {} }: VirtualClockOptions = {}) {
    this.epoch = epoch
    this.limits = limits
  }

  /** Virtual milliseconds since the clock was made. */
  now(): number {
    return this.#now
  }

  /** How many events it has run. */
  get events(): number {
    return this.#events
  }

  /** How many are still to come, timers that were unref'd among them. */
  get pending(): number {
    return this.#queue.size
  }

  soon(run: () => void, rank?: number): void {
    this.#queue.add(this.#now, run, rank)
  }

  at(time: number, run: () => void, rank?: number): Scheduled {
    return this.#queue.add(Math.max(time, this.#now), run, rank)
  }

  /**
   * Something else that has to be at rest before time passes, such as a database that writes in threads.
   *
   * @param isIdle called often: it has to be quick
   * @returns ends that
   */
  waitFor(isIdle: () => boolean): () => void {
    this.#probes.add(isIdle)
    return () => this.#probes.delete(isIdle)
  }

  /** A timer was unref'd, or ref'd again, or is over. */
  countBackground(change: 1 | -1): void {
    this.#background += change
  }

  /**
   * Runs a function in virtual time, until its promise settles. What is queued then stays so, for another run.
   *
   * @returns what it returns
   * @throws what it throws, what a timer's callback throws; and an Error when nothing can happen any more while it
   * still waits, when a limit is reached, or when a clock runs in this process already
   */
  async run<T>(work: () => T | Promise<T>, { onstuck }: RunOptions = {}): Promise<T> {
    if (this.#running) throw new Error('this clock runs already; await that first')
    const { realNow, uninstall } = installTimers(this)
    this.#running = true
    this.#failure = undefined
    const started = realNow()
    let settled = false
    let told: StuckReason | undefined

    const look = (busy: string | undefined): boolean => {
      if (this.#failure) throw this.#failure.error
      if (settled && !busy) return true
      const reason = this.#stuck(busy, () => realNow() - started, told)
      if (!reason) {
        if (!busy) this.#step()
        return false
      }
      if (settled) return true // what it left behind does not come to rest
      if (told || !onstuck) throw new Error(this.#describe(reason, busy))
      told = reason
      onstuck(reason)
      return false
    }

    try {
      const outcome = (async () => work())()
      const settle = () => {
        settled = true
      }
      outcome.then(settle, settle)
      await watch(this.#probes, look)
      return await outcome
    } finally {
      uninstall()
      this.#running = false
    }
  }

  #step(): void {
    const event = this.#queue.take()
    if (!event) return
    this.#now = event.time
    this.#events++
    try {
      event.run()
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  #stuck(
    busy: string | undefined,
    wall: () => number,
    told: StuckReason | undefined
  ): StuckReason | undefined {
    const share = told ? GRACE : 1
    const { time, events, wall: maxWall, memory } = this.limits
    if (maxWall !== undefined && wall() > maxWall * share) return 'wall'
    if (memory !== undefined && this.#looks++ % LOOKS === 0 && process.memoryUsage.rss() > memory * share) {
      return 'memory'
    }
    if (busy) return undefined
    if (this.#queue.size <= this.#background) return 'deadlock'
    if (time !== undefined && this.#queue.nextTime > time * share) return 'time'
    return events !== undefined && this.#events >= events * share ? 'events' : undefined
  }

  #describe(reason: StuckReason, busy: string | undefined): string {
    if (reason === 'deadlock') {
      return 'nothing can happen any more, and the run still waits: no timer, no frame and no work is left'
    }
    const units = { time: 'virtual ms', events: 'events', wall: 'real ms', memory: 'bytes of memory' }
    const limit = `the run reached its limit of ${this.limits[reason]} ${units[reason]} after ${this.#events} events`
    return busy ? `${limit}, and waits for ${busy}` : limit
  }
}
