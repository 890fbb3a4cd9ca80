/** Lives of peers that are closing, after a crash or a leave. The end of the run waits for them. */
export class Closings {
  readonly #all = new Map<Promise<void>, string>()

  /** @param name the peer's @param closing never rejects */
  add(name: string, closing: Promise<void>): void {
    this.#all.set(closing, name)
    closing.finally(() => this.#all.delete(closing))
  }

  /** Resolves when all have closed, including those that are added meanwhile. */
  async wait(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all.keys())
  }

  /** A line for each that is still closing. */
  describe(): string {
    return [...this.#all.values()].map((name) => `  the end of ${name}\n`).join('')
  }
}
