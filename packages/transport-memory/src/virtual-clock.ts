import type { Clock } from './clock.js'
import { EventQueue, type Scheduled } from './event-queue.js'
import { isQuiet, turn } from './quiescence.js'
import { installTimers } from './virtual-timers.js'

/** 2000-01-01: far from any real date, so that one shows which it is. */
const EPOCH = Date.UTC(2000, 0, 1)
/** How often in a row the process has to be found quiet. */
const CALM = 2
/** Once it is said that a limit is reached, so much more than that may be used to clean up. */
const GRACE = 1.5

/** Why a run does not get on: nothing is left that could happen, or more happened than was to. */
export type StuckReason = 'deadlock' | keyof RunLimits

/** What a run may use. Each is without limit unless given. */
export interface RunLimits {
  /** Virtual milliseconds. */
  readonly time?: number
  /** Events: frames, timers, and all else that the clock ran. */
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
 * their clears, `Date`, `performance.now`, `AbortSignal.timeout` and `node:timers` are its own, in the whole process;
 * `queueMicrotask`, `process.nextTick` and `setImmediate` stay what they are. Before each event everything else
 * comes to rest: promises, file system, databases.
 */
export class VirtualClock implements Clock {
  readonly epoch: number
  readonly limits: RunLimits
  readonly #queue = new EventQueue()
  readonly #probes = new Set<() => boolean>()
  #now = 0
  #events = 0
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
   * Runs a function in virtual time, until its promise settles.
   *
   * @returns what it returns
   * @throws what it throws, what a timer's callback throws; and an Error when nothing can happen any more while it
   * still waits, or a limit is reached
   */
  async run<T>(work: () => T | Promise<T>, { onstuck }: RunOptions = {}): Promise<T> {
    if (this.#running) throw new Error('this clock runs already; await that first')
    this.#running = true
    const uninstall = installTimers(this)
    const started = uninstall.realNow()
    let settled = false
    let told: StuckReason | undefined
    try {
      const outcome = (async () => work())()
      const settle = () => {
        settled = true
      }
      outcome.then(settle, settle)
      for (;;) {
        await this.#quiesce()
        if (this.#failure) throw this.#failure.error
        if (settled) return await outcome
        const reason = this.#stuck(uninstall.realNow() - started, told)
        if (!reason) this.#step()
        else if (told || !onstuck) throw new Error(describe(reason, this))
        else {
          told = reason
          onstuck(reason)
        }
      }
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

  async #quiesce(): Promise<void> {
    for (let calm = 0; calm < CALM; ) {
      await turn()
      calm = isQuiet(this.#probes) ? calm + 1 : 0
    }
  }

  #stuck(wall: number, told: StuckReason | undefined): StuckReason | undefined {
    if (this.#queue.size <= this.#background) return 'deadlock'
    const share = told ? GRACE : 1
    const { time, events, wall: maxWall, memory } = this.limits
    if (time !== undefined && this.#queue.nextTime > time * share) return 'time'
    if (events !== undefined && this.#events >= events * share) return 'events'
    if (maxWall !== undefined && wall > maxWall * share) return 'wall'
    // Asked for seldom, since it costs more than an event.
    if (memory === undefined || this.#events % 1024 !== 0) return undefined
    return process.memoryUsage.rss() > memory * share ? 'memory' : undefined
  }
}

function describe(reason: StuckReason, { limits, events }: VirtualClock): string {
  if (reason === 'deadlock') {
    return 'nothing can happen any more, and the run still waits: no timer, no frame and no work is left'
  }
  const units = { time: 'virtual ms', events: 'events', wall: 'real ms', memory: 'bytes of memory' }
  return `the run reached its limit of ${limits[reason]} ${units[reason]} after ${events} events`
}
