/** The one place where a network asks for time. */
export interface Clock {
  /** Milliseconds, rising. */
  now(): number
  /** Runs a function soon, never within the call, in the order of the calls. */
  defer(run: () => void): void
}

export const realClock: Clock = {
  now: () => Date.now(),
  defer: (run) => queueMicrotask(run)
}
