/** How long a wait of a test may take unless told otherwise, in milliseconds. */
export const DEFAULT_TIMEOUT = 10_000
/** In milliseconds. Node takes a longer timer, such as an infinite one, for one of 1 ms. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1

export interface WaitOptions {
  /** Ends the waiting, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Milliseconds until the waiting rejects.
   * @default 10_000
   */
  readonly timeout?: number
}

/**
 * Waits for work, and after the timeout rejects with what `explain` tells by then.
 *
 * @param work is given a signal that aborts when the waiting is over, however it ended
 */
export async function deadline(
  work: (over: AbortSignal) => Promise<unknown>,
  { signal, timeout = DEFAULT_TIMEOUT }: WaitOptions,
  explain: (timeout: number) => string | Promise<string>
): Promise<void> {
  const late = Symbol('late')
  const over = new AbortController()
  let onabort = (): void => {}
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<typeof late>((resolve, reject) => {
    onabort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onabort)
    // It holds the process: links in memory do not.
    timer = setTimeout(resolve, Math.min(timeout, LONGEST_TIMEOUT), late)
  })
  try {
    signal?.throwIfAborted()
    const first = await Promise.race([work(over.signal), limit])
    if (first === late) throw new Error(await explain(timeout))
  } finally {
    over.abort()
    clearTimeout(timer)
    signal?.removeEventListener('abort', onabort)
  }
}
