/** Waits for a promise, and rejects with the reason of the signal, which has not aborted yet, when that comes first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onabort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onabort = () => reject(signal.reason)
    signal.addEventListener('abort', onabort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onabort)
  }
}
