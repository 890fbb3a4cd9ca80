/** Runs at most so many tasks at a time, in the order of the calls. */
export class Limiter {
  readonly #queue: (() => void)[] = []
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  /** Runs a task within the call when there is room. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free) this.#free--
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
    try {
      return await task()
    } finally {
      const next = this.#queue.shift()
      // The slot is passed on rather than freed, so that no later call gets ahead.
      if (next) next()
      else this.#free++
    }
  }
}
