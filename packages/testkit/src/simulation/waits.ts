import { inSeconds } from './watched-clock.js'

/** What a message lists of the waits of a large run. */
const SHOWN = 16
/** A reason of its own, since Node makes one with a stack for each abort without. */
const DONE = new Error('the wait is over')

interface Wait {
  /** What, as in `all blocks at bob`. */
  readonly why: string
  /** Virtual milliseconds. */
  readonly since: number
  end(error: Error): void
}

/** Who waits in a run, and what ends it when the run is over. */
export class Waits {
  readonly #now: () => number
  readonly #all = new Set<Wait>()
  #over: Error | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /** The outcome of the work; rejects when the run is over before. */
  async during<T>(why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#over) throw this.#over
    const controller = new AbortController()
    let end = (_error: Error): void => {}
    const ended = new Promise<never>((_, reject) => {
      end = reject
    })
    const wait = { why, since: this.#now(), end }
    this.#all.add(wait)
    try {
      return await Promise.race([work(controller.signal), ended])
    } finally {
      this.#all.delete(wait)
      controller.abort(DONE)
    }
  }

  /** Ends all waits, and those that come. */
  end(error: Error): void {
    this.#over ??= error
    for (const { end } of [...this.#all]) end(error)
  }

  /** A line for each. */
  describe(): string {
    const lines = [...this.#all].map(({ why, since }) => `  ${why}, since ${inSeconds(since)}`)
    const more = lines.length > SHOWN ? [`  ... and ${lines.length - SHOWN} more`] : []
    return [...lines.slice(0, SHOWN), ...more].join('\n') || '  nothing'
  }
}
