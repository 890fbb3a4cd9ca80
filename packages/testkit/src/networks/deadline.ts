import { NetworkerError } from '@basestore/networker'
import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { deferred } from '../deferred.js'
import { LONGEST_TIMEOUT } from '../longest-timeout.js'

/** Milliseconds. Plenty for a network in memory; a test that waits longer than this most likely waits for ever. */
export const DEFAULT_TIMEOUT = 10_000

export interface WaitOptions {
  /** Ends the waiting, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Milliseconds until the waiting rejects.
   * @default 10_000
   */
  readonly timeout?: number
}

export const WAIT: OptionKinds<WaitOptions> = { signal: 'signal', timeout: 'number' }

/** @throws NetworkerError `INVALID_OPTION` */
export function checkWait(options: WaitOptions): void {
  checkOptions<WaitOptions>(options, WAIT, { what: 'the options of a wait' })
}

/**
 * Waits for work, at most until a time-out.
 *
 * @param work its signal aborts when the waiting has ended, whether or not the work is done
 * @param explain tells at the time-out what is still missing
 * @throws NetworkerError `TIMEOUT` with the explanation
 */
export async function deadline(
  work: (signal: AbortSignal) => Promise<unknown>,
  { signal, timeout = DEFAULT_TIMEOUT }: WaitOptions,
  explain: (timeout: number) => string | Promise<string>
): Promise<void> {
  const late = Symbol('late')
  const limit = deferred<typeof late>()
  const end = new AbortController()
  const onabort = (): void => limit.reject(signal?.reason)
  // Not unref'ed: links in memory do not keep the process alive while we wait.
  const timer = setTimeout(limit.resolve, Math.min(timeout, LONGEST_TIMEOUT), late)
  signal?.addEventListener('abort', onabort)
  try {
    signal?.throwIfAborted()
    const first = await Promise.race([work(end.signal), limit.promise])
    if (first === late) throw new NetworkerError('TIMEOUT', await explain(timeout))
  } finally {
    end.abort()
    clearTimeout(timer)
    signal?.removeEventListener('abort', onabort)
  }
}
