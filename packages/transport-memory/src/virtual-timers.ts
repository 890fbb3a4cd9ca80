import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Scheduled } from './event-queue.js'
import type { VirtualClock } from './virtual-clock.js'

/** What Node takes for a delay that it cannot keep. */
const MIN_DELAY = 1
const MAX_DELAY = 2 ** 31 - 1
/** Timers go after frames that arrive at the same time. */
const RANK = Number.MAX_SAFE_INTEGER
/** Who runs in virtual time in this process, also when the package is loaded twice. */
const RUNNING = Symbol.for('@basestore/transport-memory/virtual-clock')

type Callback = (...args: unknown[]) => void

export interface Uninstall {
  (): void
  /** Real milliseconds. */
  realNow(): number
}

/** Gives the process the clock's time until the returned function is called. */
export function installTimers(clock: VirtualClock): Uninstall {
  const scope = globalThis as { [RUNNING]?: boolean }
  if (scope[RUNNING]) throw new Error('virtual time runs in this process already; await that first')
  scope[RUNNING] = true

  const real = { now: performance.now.bind(performance), Date: globalThis.Date }
  const own = new VirtualTimers(clock)
  const undo = [
    replace(globalThis, own.functions()),
    replace(timers, own.functions()),
    replace(timersPromises, { setTimeout: own.sleep }),
    replace(globalThis, { Date: virtualDate(clock) }),
    replace(performance, { now: () => clock.now() }),
    replace(AbortSignal, { timeout: own.abortAfter })
  ]
  syncBuiltinESMExports()
  const uninstall = (): void => {
    for (const restore of undo.reverse()) restore()
    syncBuiltinESMExports()
    delete scope[RUNNING]
  }
  return Object.assign(uninstall, { realNow: real.now })
}

/** The timer functions of one clock. */
class VirtualTimers {
  readonly #clock: VirtualClock
  readonly #real = { setTimeout, setInterval, clearTimeout, clearInterval }
  /** Those that were asked for a number, as browsers have it. */
  readonly #byId = new Map<number, VirtualTimer>()
  #ids = 0

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  functions() {
    const start =
      (repeats: boolean) =>
      (callback: Callback, delay?: number, ...args: unknown[]) => {
        if (typeof callback !== 'function') return this.#real.setTimeout(callback, delay) // throws as Node does
        const run = args.length > 0 ? () => callback(...args) : callback
        return new VirtualTimer(this.#clock, this.#numberOf, run, toDelay(delay), repeats)
      }
    const clear = (timer: unknown): void => {
      const known = typeof timer === 'object' ? timer : this.#byId.get(Number(timer))
      if (known instanceof VirtualTimer) known.close()
      else this.#real.clearTimeout(timer as NodeJS.Timeout) // one from before
    }
    const setTimeout = Object.assign(start(false), { [promisify.custom]: this.sleep })
    return { setTimeout, setInterval: start(true), clearTimeout: clear, clearInterval: clear }
  }

  sleep = async <T>(delay?: number, value?: T, options: { signal?: AbortSignal } = {}): Promise<T> => {
    const { signal } = options
    let timer: VirtualTimer | undefined
    let onabort = (): void => {}
    try {
      return await new Promise<T>((resolve, reject) => {
        onabort = () => reject(abortError(signal!.reason))
        if (signal?.aborted) onabort()
        signal?.addEventListener('abort', onabort)
        timer = new VirtualTimer(
          this.#clock,
          this.#numberOf,
          () => resolve(value as T),
          toDelay(delay),
          false
        )
      })
    } finally {
      timer?.close()
      signal?.removeEventListener('abort', onabort)
    }
  }

  abortAfter = (delay: number): AbortSignal => {
    const controller = new AbortController()
    const expire = () =>
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    new VirtualTimer(this.#clock, this.#numberOf, expire, toDelay(delay), false).unref()
    return controller.signal
  }

  #numberOf = (timer: VirtualTimer): number => {
    const id = ++this.#ids
    this.#byId.set(id, timer)
    return id
  }
}

/** What `setTimeout` and `setInterval` return: of Node's Timeout, all that libraries use. */
class VirtualTimer {
  readonly #clock: VirtualClock
  readonly #numberOf: (timer: VirtualTimer) => number
  readonly #callback: Callback
  readonly #delay: number
  readonly #repeats: boolean
  #scheduled: Scheduled | null = null
  /** When it is really due, which moves while it waits: each frame on a link refreshes one. */
  #due = 0
  #referenced = true
  #id: number | undefined

  constructor(
    clock: VirtualClock,
    numberOf: (timer: VirtualTimer) => number,
    callback: Callback,
    delay: number,
    repeats: boolean
  ) {
    this.#clock = clock
    this.#numberOf = numberOf
    this.#callback = callback
    this.#delay = delay
    this.#repeats = repeats
    this.refresh()
  }

  refresh(): this {
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
    this.#scheduled?.cancel()
    this.#unschedule()
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [Symbol.toPrimitive](): number {
    this.#id ??= this.#numberOf(this)
    return this.#id
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
    if (this.#repeats) this.refresh()
    this.#callback.call(this)
  }
}

function virtualDate(clock: VirtualClock): DateConstructor {
  const now = () => Math.floor(clock.epoch + clock.now())
  return new Proxy(Date, {
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
    construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self),
    apply: () => new Date(now()).toString()
  })
}

function replace<T extends object>(target: T, functions: object): () => void {
  const before = Object.keys(functions).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const
  )
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true })
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor)
      else delete (target as Record<string, unknown>)[name]
    }
  }
}

function toDelay(delay: unknown): number {
  const ms = Number(delay)
  return ms >= MIN_DELAY && ms <= MAX_DELAY ? ms : MIN_DELAY
}

function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), {
    name: 'AbortError',
    code: 'ABORT_ERR'
  })
}
