// Taken before anybody replaces it, as fake timers do.
const { setImmediate } = globalThis

/** One turn of the event loop: what is due in it, microtasks and ticks have run when it is over. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Whether nothing is under way in this process but what waits for time: no request to the operating system, no
 * immediate, no work of which a probe knows. Handles do not count, for a piped standard output is one.
 */
export function isQuiet(probes: Iterable<() => boolean>): boolean {
  for (const name of process.getActiveResourcesInfo()) {
    if (name === 'Immediate' || name.includes('Req')) return false
  }
  for (const isIdle of probes) if (!isIdle()) return false
  return true
}
