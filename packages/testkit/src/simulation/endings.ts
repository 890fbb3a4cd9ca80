/** What ends by itself in a run, and what its end waits for: lives of peers that crashed or left. */
export class Endings {
  readonly #all = new Map<Promise<void>, string>()

  /** @param what as in `alice` @param ending never rejects */
  add(what: string, ending: Promise<void>): void {
    this.#all.set(ending, what)
    ending.finally(() => this.#all.delete(ending))
  }

  /** Resolves when all have ended, those too that begin meanwhile. */
  async over(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all.keys())
  }

  /** A line for each. */
  describe(): string {
    return [...this.#all.values()].map((what) => `  the end of ${what}\n`).join('')
  }
}
