/**
 * Milliseconds between the extra queries of a topic. Two peers that join at the same moment each look up before the
 * other's announcement is stored, and Hyperswarm asks again only after ten minutes. The first delays are for peers
 * that start together, the last for those that are slow to enter the DHT.
 */
const DELAYS = [300, 700, 1500, 3000, 8000]

/** Repeats a query a few times, ever less often. */
export class RefreshSchedule {
  readonly #query: () => Promise<unknown>
  #timer: NodeJS.Timeout | undefined
  #run = 0

  constructor(query: () => Promise<unknown>) {
    this.#query = query
  }

  /** Starts over. */
  start(): void {
    this.cancel()
    this.#later(0, this.#run)
  }

  cancel(): void {
    this.#run++
    clearTimeout(this.#timer)
  }

  #later(step: number, run: number): void {
    const delay = DELAYS[step]
    if (delay === undefined) return
    // Each varies by half, so that peers in step fall out of step.
    const varied = delay * (0.5 + Math.random())
    this.#timer = setTimeout(async () => {
      await this.#query()
      if (run === this.#run) this.#later(step + 1, run)
    }, varied)
    this.#timer.unref()
  }
}
