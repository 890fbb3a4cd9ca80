import { once } from 'node:events'

/** The outcome of a promise, or a rejection with the signal's reason when that comes first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const over = new AbortController()
  const aborted = once(signal, 'abort', over).then(() => Promise.reject(signal.reason))
  return Promise.race([promise, aborted]).finally(() => over.abort())
}
