/** The first pause (ms). Each further one is twice as long. */
const FIRST = 250
/** The longest pause (ms). A sign that the network is back ends it early. */
const LONGEST = 30_000

/** The pauses between attempts of something that fails. */
export class Pause {
  #ms = FIRST

  /** The next pause (ms). Chance takes up to half of it, so that peers in step fall out of step. */
  next(): number {
    const ms = this.#ms * (1 - Math.random() / 2)
    this.#ms = Math.min(this.#ms * 2, LONGEST)
    return ms
  }

  reset(): void {
    this.#ms = FIRST
  }
}
