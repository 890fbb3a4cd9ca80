import { deferred } from '../deferred.js'
import { inSeconds } from '../in-seconds.js'

/** How many waits of a large run a message lists. */
const SHOWN = 16
/** One error for all waits: without a reason, Node.js would make an error with a stack for each abort. */
const ENDED = new Error('the wait has ended')

interface Wait {
  /** The purpose, as in `all blocks at bob`. */
  readonly why: string
  /** Virtual milliseconds. */
  readonly since: number
  end(error: Error): void
}

/** All waits of a run. They end with the run. */
export class Waits {
  readonly #now: () => number
  readonly #all = new Set<Wait>()
  #ended: Error | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /** Returns the result of the work. Rejects when the run ends first. */
  async during<T>(why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#ended) throw this.#ended
    const controller = new AbortController()
    const { promise, reject } = deferred<never>()
    const wait = { why, since: this.#now(), end: reject }
    this.#all.add(wait)
    try {
      return await Promise.race([work(controller.signal), promise])
    } finally {
      this.#all.delete(wait)
      controller.abort(ENDED)
    }
  }

  /** Ends all waits, and every later one at once. */
  end(error: Error): void {
    this.#ended ??= error
    for (const { end } of [...this.#all]) end(error)
  }

  /** A line for each wait. */
  describe(): string {
    const lines = [...this.#all].map(({ why, since }) => `  ${why}, since ${inSeconds(since)}`)
    const more = lines.length > SHOWN ? [`  ... and ${lines.length - SHOWN} more`] : []
    return [...lines.slice(0, SHOWN), ...more].join('\n') || '  nothing'
  }
}
