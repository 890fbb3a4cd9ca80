/** A contender that holds many topics at once. */
export interface TopicHolder {
  readonly publicKey: Uint8Array
  /** Announces a topic and looks it up. Resolves when that is under way. */
  join(topic: Uint8Array): void | Promise<void>
  /** Resolves when so many topics are flushed. */
  flushed(count: number): Promise<void>
  /** Leaves all topics, and stops the swarm or the transport. */
  close(): Promise<void>
  /** Closes the store, which nobody else uses. */
  dispose(): Promise<void>
}

/** Counts, and tells when a number is reached. */
export class Tally {
  #count = 0
  #goal = Number.POSITIVE_INFINITY
  #reached = () => {}

  add(): void {
    if (++this.#count === this.#goal) this.#reached()
  }

  /** Resolves when so many were added. */
  reaches(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve()
    this.#goal = count
    return new Promise((resolve) => {
      this.#reached = resolve
    })
  }
}
