import type { Scheduled } from './event-queue.js'
import type { VirtualClock } from './virtual-clock.js'

/** What Node takes for a delay that it cannot keep. */
const MIN_DELAY = 1
const MAX_DELAY = 2 ** 31 - 1
/** Timers go after frames that arrive at the same time. */
const RANK = Number.MAX_SAFE_INTEGER
/** Above the numbers of Node's own timers. */
const FIRST_NUMBER = 2 ** 40

export type Callback = (...args: unknown[]) => void

export interface TimerOptions {
  readonly callback: Callback
  readonly args?: readonly unknown[]
  /** Milliseconds. */
  readonly delay: unknown
  readonly repeats?: boolean
}

/** Timers that were asked for a number, as browsers have it. */
export class TimerNumbers {
  readonly #timers = new Map<number, VirtualTimer>()
  #next = FIRST_NUMBER

  add(timer: VirtualTimer): number {
    this.#timers.set(this.#next, timer)
    return this.#next++
  }

  get(number: unknown): VirtualTimer | undefined {
    return this.#timers.get(Number(number))
  }

  delete(number: number): void {
    this.#timers.delete(number)
  }
}

/** What `setTimeout` and `setInterval` return: of Node's Timeout, all that libraries use. */
export class VirtualTimer {
  /** What Node's own `clearTimeout` asks, for when this outlives its run: there is nothing to take out of its lists. */
  readonly _destroyed = true
  readonly #clock: VirtualClock
  readonly #numbers: TimerNumbers
  readonly #callback: Callback
  readonly #args: readonly unknown[]
  readonly #delay: number
  readonly #repeats: boolean
  #scheduled: Scheduled | null = null
  /** When it is really due, which moves while it waits: each frame on a link refreshes one. */
  #due = 0
  #closed = false
  #referenced = true
  #number: number | undefined

  constructor(clock: VirtualClock, numbers: TimerNumbers, options: TimerOptions) {
    const { callback, args = [], delay, repeats = false } = options
    this.#clock = clock
    this.#numbers = numbers
    this.#callback = callback
    this.#args = args
    this.#delay = toDelay(delay)
    this.#repeats = repeats
    this.refresh()
  }

  refresh(): this {
    if (this.#closed) return this // as Node's: what was cleared never fires
    this.#due = this.#clock.now() + this.#delay
    if (!this.#scheduled) this.#schedule()
    return this
  }

  ref(): this {
    if (!this.#referenced && this.#scheduled) this.#clock.countBackground(-1)
    this.#referenced = true
    return this
  }

  unref(): this {
    if (this.#referenced && this.#scheduled) this.#clock.countBackground(1)
    this.#referenced = false
    return this
  }

  hasRef(): boolean {
    return this.#referenced
  }

  close(): this {
    this.#closed = true
    this.#scheduled?.cancel()
    this.#unschedule()
    this.#forgetNumber()
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [Symbol.toPrimitive](): number {
    this.#number ??= this.#numbers.add(this)
    return this.#number
  }

  get _onTimeout(): Callback {
    return this.#callback
  }

  /** Node's own `clearTimeout` sets it to null. */
  set _onTimeout(_: null) {
    this.close()
  }

  #schedule(): void {
    this.#scheduled = this.#clock.at(this.#due, this.#fire, RANK)
    if (!this.#referenced) this.#clock.countBackground(1)
  }

  #unschedule(): void {
    if (this.#scheduled && !this.#referenced) this.#clock.countBackground(-1)
    this.#scheduled = null
  }

  #fire = (): void => {
    this.#unschedule()
    if (this.#due > this.#clock.now()) {
      this.#schedule() // it was refreshed
      return
    }
    try {
      Reflect.apply(this.#callback, this, this.#args)
    } finally {
      // After the callback, as Node does: what that starts for the same time goes first.
      if (this.#repeats && !this.#closed) this.refresh()
      if (!this.#scheduled) this.#forgetNumber()
    }
  }

  #forgetNumber(): void {
    if (this.#number !== undefined) this.#numbers.delete(this.#number)
  }
}

function toDelay(delay: unknown): number {
  const ms = Math.trunc(Number(delay))
  return ms >= MIN_DELAY && ms <= MAX_DELAY ? ms : MIN_DELAY
}
