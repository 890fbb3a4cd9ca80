const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Makes errors that nobody catches failures of the run, so that they do not end the process. Other listeners, such as
 * those of a test runner, are taken off the process meanwhile.
 *
 * @returns a function that puts the other listeners back
 */
export function catchUncaught(onerror: (error: unknown) => void): () => void {
  const listen = (error: unknown): void => onerror(error)
  const others = EVENTS.map((event) => [event, process.rawListeners(event)] as const)
  for (const [event, listeners] of others) {
    for (const listener of listeners) process.removeListener(event, listener as () => void)
    process.on(event, listen)
  }
  return () => {
    for (const [event, listeners] of others) {
      process.removeListener(event, listen)
      for (const listener of listeners) process.on(event, listener as () => void)
    }
  }
}
