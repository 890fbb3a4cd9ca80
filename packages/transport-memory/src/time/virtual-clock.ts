import { checkOptions, NetworkerError, type OptionKinds } from '@basestore/networker/transport'
import type { Clock } from './clock.js'
import { EventQueue, type Scheduled } from './event-queue.js'
import { watch } from './quiescence.js'
import { installTimers } from './virtual-timers.js'

/** 2000-01-01, far from any real date, so that a date shows whether it is a virtual one. */
const EPOCH = Date.UTC(2000, 0, 1)
/** After `onstuck` a run may use up to so many times its limits, to clean up. */
const GRACE = 1.5
/** Looks between two measurements of the memory. One costs more than an event. */
const LOOKS = 1024

/** Why a run is stuck: nothing is left that could happen, or it reached a limit. */
export type StuckReason = 'deadlock' | keyof RunLimits

/** Limits of a run. By default there are none. */
export interface RunLimits {
  /** Virtual milliseconds since the clock was made. */
  readonly time?: number
  /** Events since the clock was made: frames, timers, and all else that the clock runs. */
  readonly events?: number
  /** Real milliseconds. */
  readonly wall?: number
  /** Resident memory of the process, in bytes. */
  readonly memory?: number
}

export interface VirtualClockOptions {
  /** The first `Date.now()` (ms since 1970). @default 2000-01-01 */
  readonly epoch?: number
  readonly limits?: RunLimits
}

export interface VirtualRunOptions {
  /**
   * Called once, when the run is stuck, to end the waits within it. When nothing goes on after that, `run`
   * rejects.
   */
  readonly onstuck?: (reason: StuckReason) => void
}

const LIMITS: OptionKinds<RunLimits> = { time: 'number', events: 'number', wall: 'number', memory: 'number' }

/** @throws NetworkerError `INVALID_OPTION` */
function readOptions(options: VirtualClockOptions): Required<VirtualClockOptions> {
  checkOptions<VirtualClockOptions>(
    options,
    { epoch: 'number', limits: 'object' },
    { what: 'the options of a clock' }
  )
  const { epoch = EPOCH, limits = {} } = options
  checkOptions<RunLimits>(limits, LIMITS, { what: 'the limits of a run' })
  return { epoch, limits }
}

/**
 * Time that passes only when there is nothing left to do. While {@link run} runs, it replaces `setTimeout`,
 * `setInterval`, their clears, `Date`, `performance.now`, `AbortSignal.timeout`, `node:timers` and
 * `node:timers/promises` in the whole process. `queueMicrotask`, `process.nextTick` and `setImmediate` stay as they
 * are. Before each event everything else comes to rest: promises, the file system, and what {@link waitFor} was
 * told of.
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
  /** Scheduled timers that were unref'd, which keep nothing going. */
  #background = 0
  #failure: { readonly error: unknown } | undefined

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(options: VirtualClockOptions = {}) {
    const { epoch, limits } = readOptions(options)
    this.epoch = epoch
    this.limits = limits
  }

  /** Virtual milliseconds since the clock was made. */
  now(): number {
    return this.#now
  }

  /** Events that it has run. */
  get events(): number {
    return this.#events
  }

  /** Events that are still to come, also those of timers that were unref'd. */
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
   * Makes time wait for work that Node cannot see, such as that of a database that writes in threads.
   *
   * @param isIdle called often, so it must be quick
   * @returns a function that ends this
   */
  waitFor(isIdle: () => boolean): () => void {
    this.#probes.add(isIdle)
    return () => this.#probes.delete(isIdle)
  }

  /** For the clock's own timers: one that was unref'd is scheduled (1), or is no longer (-1). */
  countBackground(change: 1 | -1): void {
    this.#background += change
  }

  /**
   * Runs a function in virtual time until its promise settles. Events that are queued then stay queued for another
   * run.
   *
   * @returns the function's result
   * @throws all that the function or a timer's callback throws
   * @throws NetworkerError `TIMEOUT` when nothing can happen any more while the function still waits, or a limit is
   * reached; `UNSUPPORTED` when virtual time runs in this process already
   */
  async run<T>(work: () => T | Promise<T>, options: VirtualRunOptions = {}): Promise<T> {
    checkOptions<VirtualRunOptions>(options, { onstuck: 'function' }, { what: 'the options of run()' })
    const { onstuck } = options
    if (this.#running)
      throw new NetworkerError('UNSUPPORTED', 'this clock runs already; await that run first')
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
      if (settled) return true // the work that it left behind does not come to rest
      if (told || !onstuck) throw new NetworkerError('TIMEOUT', this.#describe(reason, busy))
      told = reason
      onstuck(reason)
      return false
    }

    try {
      const result = (async () => work())()
      const settle = () => {
        settled = true
      }
      result.then(settle, settle)
      await watch(this.#probes, look)
      return await result
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
