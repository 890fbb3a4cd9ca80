import type { Scheduled } from './event-queue.js'

/** The shortest delay (ms). Node replaces a delay that it cannot keep by this one. */
const MIN_DELAY = 1
/** The longest delay that Node can keep (ms). */
const MAX_DELAY = 2 ** 31 - 1
/** The rank in the event queue: timers fire after frames that arrive at the same time. */
const RANK = Number.MAX_SAFE_INTEGER
/** The number of the first virtual timer, above those of Node's own timers. */
const FIRST_NUMBER = 2 ** 40

export type Callback = (...args: unknown[]) => void

/** The surroundings of a virtual timer. */
export interface TimerContext {
  now(): number
  at(time: number, run: () => void, rank?: number): Scheduled
  /** Tells that a timer that keeps nothing going was scheduled (1), or is no longer (-1). */
  countBackground(change: 1 | -1): void
}

export interface TimerOptions {
  readonly callback: Callback
  readonly args?: readonly unknown[]
  /** In milliseconds; anything else becomes the shortest delay, as in Node. */
  readonly delay: unknown
  readonly repeats?: boolean
}

/** The timers that were converted to a number, as in browsers. */
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

/** The object that `setTimeout` and `setInterval` return. It has all of Node's Timeout that libraries use. */
export class VirtualTimer {
  /** Tells Node's own `clearTimeout`, after the run, that this timer is in none of Node's lists. */
  readonly _destroyed = true
  readonly #context: TimerContext
  readonly #numbers: TimerNumbers
  readonly #callback: Callback
  readonly #args: readonly unknown[]
  readonly #delay: number
  readonly #repeats: boolean
  #scheduled: Scheduled | null = null
  /** When it is due. It moves while the timer waits: each frame on a link refreshes a timer. */
  #due = 0
  #closed = false
  #referenced = true
  #number: number | undefined

  constructor(context: TimerContext, numbers: TimerNumbers, options: TimerOptions) {
    const { callback, args = [], delay, repeats = false } = options
    this.#context = context
    this.#numbers = numbers
    this.#callback = callback
    this.#args = args
    this.#delay = toDelay(delay)
    this.#repeats = repeats
    this.refresh()
  }

  refresh(): this {
    if (this.#closed) return this // as in Node: a cleared timer never fires
    this.#due = this.#context.now() + this.#delay
    if (!this.#scheduled) this.#schedule()
    return this
  }

  ref(): this {
    if (!this.#referenced && this.#scheduled) this.#context.countBackground(-1)
    this.#referenced = true
    return this
  }

  unref(): this {
    if (this.#referenced && this.#scheduled) this.#context.countBackground(1)
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
    this.#scheduled = this.#context.at(this.#due, this.#fire, RANK)
    if (!this.#referenced) this.#context.countBackground(1)
  }

  #unschedule(): void {
    if (this.#scheduled && !this.#referenced) this.#context.countBackground(-1)
    this.#scheduled = null
  }

  #fire = (): void => {
    this.#unschedule()
    if (this.#due > this.#context.now()) {
      this.#schedule() // it was refreshed
      return
    }
    try {
      Reflect.apply(this.#callback, this, this.#args)
    } finally {
      // After the callback, as Node does: a timer that the callback starts for the same time fires first.
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
