import { noop } from './noop.js'

/** Node's longest timer (ms). Node turns a longer one, such as an infinite one, into 1 ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/**
 * Resolves to true when the promise settles within `ms`, and to false after that time. It rejects only with the
 * signal's reason. It leaves no timer and no listener.
 */
export async function settledWithin(
  promise: Promise<unknown>,
  ms: number,
  signal?: AbortSignal
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    if (ms <= LONGEST_TIMEOUT) timer = setTimeout(resolve, ms, false)
  })
  try {
    const settled = promise.then(
      () => true as const,
      () => true as const
    )
    return await abortable(Promise.race([settled, late]), signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after `ms`, or when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

/**
 * Settles as the promise does, or rejects with the signal's reason if the signal aborts first or has aborted already.
 * It removes its listener from the signal when it settles. A later rejection of the promise is ignored.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(noop)
      reject(signal.reason)
      return
    }
    const letGo = whenAborted(signal, () => {
      letGo()
      reject(signal.reason)
    })
    promise.then(letGo, letGo)
    promise.then(resolve, reject)
  })
}

/** All functions that wait for one signal, behind one listener: Node warns of more than ten listeners. */
class Waiters extends Set<() => void> {
  handleEvent(): void {
    for (const run of this) run()
  }
}

const waitersOf = new WeakMap<AbortSignal, Waiters>()

/**
 * Runs a function when the signal aborts.
 *
 * @param signal has not aborted yet
 * @returns takes the function back
 */
export function whenAborted(signal: AbortSignal, run: () => void): () => void {
  const known = waitersOf.get(signal)
  const waiters = known ?? new Waiters()
  waiters.add(run)
  if (!known) {
    waitersOf.set(signal, waiters)
    signal.addEventListener('abort', waiters)
  }
  return () => {
    if (!waiters.delete(run) || waiters.size > 0) return
    waitersOf.delete(signal)
    signal.removeEventListener('abort', waiters)
  }
}

/** Aborts with the first of two signals, one of which may be missing. */
export function either(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, other]) : other
}
