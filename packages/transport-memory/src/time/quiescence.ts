// Captured at load: fake timers may replace it later.
const { setImmediate } = globalThis
/** With probes, the process has to be found idle so often in a row: work in threads starts and ends between looks. */
const CALM = 2
/** Looks after which the event loop gets a turn in any case, so that signals and streams are served. */
const LOOKS = 256

/**
 * Runs all ticks and microtasks that are due, as Node does between two immediates. This is Node's own function for
 * it (see DEP0134). Where it is gone the event loop does it, in five times the time.
 */
const drain = (process as { readonly _tickCallback?: () => void })._tickCallback

/**
 * Looks at the process whenever all of its microtasks and ticks have run.
 *
 * @param probes each tells whether something is idle that Node cannot see
 * @param look called whenever the process is idle. While it is busy, called once a turn with the name of the work.
 * True ends the watch
 * @throws all that `look` and the probes throw
 */
export function watch(
  probes: ReadonlySet<() => boolean>,
  look: (busy: string | undefined) => boolean
): Promise<void> {
  return new Promise((resolve, reject) => {
    let calm = 0
    /** True ends the watch, false waits for a turn of the event loop, undefined looks again at once. */
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
          const ends = lookOnce()
          if (ends === true) {
            resolve()
            return
          }
          if (ends === false) break
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
        // A tick threw. The error goes on to Node: caught here, it would leave Node's queue of ticks half done.
        drains = false
        setImmediate(turn)
        throw error
      }
    }
    setImmediate(turn)
  })
}

/**
 * The work under way in this process that does not wait for time: a request to the operating system, an immediate,
 * or work that a probe knows of. Handles do not count: a piped standard output is one.
 */
function busyWith(probes: Iterable<() => boolean>): string | undefined {
  for (const name of process.getActiveResourcesInfo()) {
    if (name === 'Immediate' || name.includes('Req')) return name
  }
  for (const isIdle of probes) if (!isIdle()) return 'what waitFor() was told of'
  return undefined
}
