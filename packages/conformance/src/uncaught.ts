/** Catches errors that would end the process while cases run, and tells which cases were running. */
export class Uncaught {
  readonly #running = new Set<unknown[]>()

  constructor() {
    process.on('uncaughtException', this.#onuncaught)
  }

  /** The work's result, and what was thrown meanwhile. Pieces of work that run at the same time share the blame. */
  async during<T>(work: () => Promise<T>): Promise<{ result: T; thrown: unknown[] }> {
    const thrown: unknown[] = []
    this.#running.add(thrown)
    try {
      const result = await work()
      await new Promise((resolve) => setImmediate(resolve)) // what the work has just queued may still throw
      return { result, thrown }
    } finally {
      this.#running.delete(thrown)
    }
  }

  end(): void {
    process.removeListener('uncaughtException', this.#onuncaught)
  }

  #onuncaught = (error: unknown): void => {
    for (const thrown of this.#running) thrown.push(error)
  }
}
