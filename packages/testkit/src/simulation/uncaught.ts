const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

/**
 * What nobody catches while a run goes on is the run's failure, and not the end of the process. Those who listened
 * before, a test runner among them, are not told, and listen again afterwards.
 *
 * @returns gives the process back
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
