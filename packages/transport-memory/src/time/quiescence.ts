// Taken before anybody replaces it, as fake timers do.
const { setImmediate } = globalThis
/** How often in a row the process has to be found quiet where a probe looks at what works in threads. */
const CALM = 2
/** Looks before the event loop gets its turn all the same, so that signals and streams are served. */
const LOOKS = 256

/**
 * Runs all ticks and microtasks that are due, as Node does between two immediates. It is Node's own function for
 * that (DEP0134 tells of it); where it is gone, the event loop does it, in five times the time.
 */
const drain = (process as { readonly _tickCallback?: () => void })._tickCallback

/**
 * Looks at the process whenever all of its microtasks and ticks have run.
 *
 * @param probes tell whether something is idle of which the process does not know
 * @param look called whenever the process has come to rest, and in each turn in which it has not, with the name of
 * what it is busy with; true ends the watch
 * @throws what `look` and the probes throw
 */
export function watch(
  probes: ReadonlySet<() => boolean>,
  look: (busy: string | undefined) => boolean
): Promise<void> {
  return new Promise((resolve, reject) => {
    let calm = 0
    /** True when it is over, false when it has to wait for a turn of the event loop, undefined otherwise. */
    const lookOnce = (): boolean | undefined => {
      const busy = busyWith(probes)
      calm = busy ? 0 : calm + 1
      if (busy) return look(busy)
      if (calm < CALM && probes.size > 0) return false
      calm = 0
      return look(undefined) || (drain && probes.size === 0 ? undefined : false)
    }
    let drains = false
    const turn = (): void => {
      try {
        for (let looks = 0; looks < LOOKS; looks++) {
          const over = lookOnce()
          if (over === true) {
            resolve()
            return
          }
          if (over === false) break
          drains = true
          drain?.call(process)
          drains = false
        }
        setImmediate(turn)
      } catch (error) {
        if (!drains) {
          reject(error)
          return
        }
        // What a tick throws goes on to Node, as always: caught here, it would leave Node's own books in disorder.
        drains = false
        setImmediate(turn)
        throw error
      }
    }
    setImmediate(turn)
  })
}

/**
 * What is under way in this process besides what waits for time: a request to the operating system, an immediate,
 * or work of which a probe knows. Handles do not count, for a piped standard output is one.
 */
function busyWith(probes: Iterable<() => boolean>): string | undefined {
  for (const name of process.getActiveResourcesInfo()) {
    if (name === 'Immediate' || name.includes('Req')) return name
  }
  for (const isIdle of probes) if (!isIdle()) return 'what waitFor() was told of'
  return undefined
}
