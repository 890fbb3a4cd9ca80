/** The result of {@link within} when the time has passed first. */
export const LATE = Symbol('late')

/** Waits for a promise, for at most so many milliseconds. Leaves no timer behind. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, ms, LATE)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether a promise is still pending once everything that was ready to run has run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<typeof LATE>((resolve) => setImmediate(resolve, LATE))
  return (await Promise.race([promise, turn])) === LATE
}
