/** Resolves after `ms`, or as soon as the promise settles, whichever is first; true when the promise was. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    const settled = promise.then(
      () => true as const,
      () => true as const
    )
    return await Promise.race([settled, late])
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
 * The promise's outcome, or a rejection with the signal's reason when that comes first, also at once. Lets go of the
 * signal when it settles. What the promise does later is nobody's: its rejection goes unheard.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  promise.catch(noop) // a late rejection is nobody's any more
  signal.throwIfAborted()
  const own = ownSignal(signal)
  let onabort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onabort = () => reject(signal.reason)
    own.addEventListener('abort', onabort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    own.removeEventListener('abort', onabort!)
  }
}

/** Follows the given signal: Node warns when many who wait listen to one. */
export function ownSignal(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal])
}

function noop(): void {}
