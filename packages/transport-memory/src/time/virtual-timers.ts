import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import { NetworkerError } from '@basestore/networker/transport'
import { virtualDate } from './virtual-date.js'
import {
  type Callback,
  type TimerContext,
  TimerNumbers,
  type TimerOptions,
  VirtualTimer
} from './virtual-timer.js'

/** Marks that virtual time runs in this process. It is global, so that two copies of the package see each other's. */
const RUNNING = Symbol.for('@basestore/transport-memory/virtual-clock')

/** The surroundings of virtual time. */
export interface VirtualTimeContext extends TimerContext {
  /** The first `Date.now()` (ms since 1970). */
  readonly epoch: number
}

export interface Installed {
  /** Real milliseconds. */
  realNow(): number
  /** Puts everything back as it was. */
  uninstall(): void
}

interface WaitOptions {
  readonly signal?: AbortSignal
  readonly ref?: boolean
}

/**
 * Gives the process the clock's time.
 *
 * @throws NetworkerError `UNSUPPORTED` when virtual time runs in it already
 */
export function installTimers(context: VirtualTimeContext): Installed {
  const scope = globalThis as { [RUNNING]?: boolean }
  if (scope[RUNNING]) {
    throw new NetworkerError('UNSUPPORTED', 'virtual time runs in this process already; await that run first')
  }
  scope[RUNNING] = true

  const realNow = performance.now.bind(performance)
  const own = new VirtualTimers(context)
  const virtual = virtualDate(Date, () => context.epoch + context.now())
  const undo = [
    replace(globalThis, { ...own.functions(), Date: virtual }),
    replace(Date.prototype, { constructor: virtual }),
    replace(timers, own.functions()),
    replace(timersPromises, { setTimeout: own.sleep, setInterval: own.ticks }),
    replace(timersPromises.scheduler, { wait: own.wait }),
    replace(performance, { now: () => context.now() }),
    replace(AbortSignal, { timeout: own.abortAfter })
  ]
  syncBuiltinESMExports()
  const uninstall = (): void => {
    for (const restore of undo) restore()
    syncBuiltinESMExports()
    delete scope[RUNNING]
  }
  return { realNow, uninstall }
}

/** The timer functions of one clock. */
class VirtualTimers {
  readonly #context: TimerContext
  readonly #real = { setTimeout, clearTimeout }
  readonly #numbers = new TimerNumbers()

  constructor(context: TimerContext) {
    this.#context = context
  }

  functions() {
    const starter =
      (repeats: boolean) =>
      (callback: Callback, delay?: number, ...args: unknown[]) => {
        if (typeof callback !== 'function') return this.#real.setTimeout(callback, delay) // throws as Node does
        return this.#start({ callback, delay, args, repeats })
      }
    const clear = (timer: unknown): void => {
      const isNumber = typeof timer === 'number' || typeof timer === 'string'
      const known = isNumber ? this.#numbers.get(timer) : timer
      if (known instanceof VirtualTimer) known.close()
      else this.#real.clearTimeout(timer as NodeJS.Timeout) // a timer from before the run
    }
    const setTimeout = Object.assign(starter(false), { [promisify.custom]: this.sleep })
    return { setTimeout, setInterval: starter(true), clearTimeout: clear, clearInterval: clear }
  }

  sleep = async <T>(delay?: number, value?: T, options?: WaitOptions): Promise<T> => {
    const ticks = this.ticks(delay, value, options)
    await ticks.next()
    await ticks.return(undefined)
    return value as T
  }

  wait = (delay: number, options?: WaitOptions): Promise<void> => this.sleep(delay, undefined, options)

  ticks = async function* <T>(
    this: VirtualTimers,
    delay?: number,
    value?: T,
    { signal, ref = true }: WaitOptions = {}
  ): AsyncGenerator<T> {
    let due = 0
    let wake = (): void => {}
    const callback = (): void => {
      due++
      wake()
    }
    const onabort = (): void => wake()
    const timer = this.#start({ callback, delay, repeats: true })
    if (!ref) timer.unref()
    signal?.addEventListener('abort', onabort)
    try {
      for (;;) {
        if (signal?.aborted) throw abortError(signal.reason)
        for (; due > 0; due--) yield value as T
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      timer.close()
      signal?.removeEventListener('abort', onabort)
    }
  }.bind(this)

  abortAfter = (delay: number): AbortSignal => {
    const controller = new AbortController()
    const callback = (): void => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    }
    // Node unrefs this timer. Here it may be all that a run waits for, and it fires only once.
    this.#start({ callback, delay })
    return controller.signal
  }

  #start(options: TimerOptions): VirtualTimer {
    return new VirtualTimer(this.#context, this.#numbers, options)
  }
}

function replace<T extends object>(target: T, values: object): () => void {
  const before = Object.keys(values).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const
  )
  for (const [name, descriptor] of before) {
    const value = (values as Record<string, unknown>)[name]
    const enumerable = descriptor?.enumerable ?? false
    Object.defineProperty(target, name, { value, enumerable, configurable: true, writable: true })
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor)
      else delete (target as Record<string, unknown>)[name]
    }
  }
}

function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), {
    name: 'AbortError',
    code: 'ABORT_ERR'
  })
}
