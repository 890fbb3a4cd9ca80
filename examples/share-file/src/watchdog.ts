/** Aborts when nothing happened for too long. */
export class Watchdog {
  readonly #ms: number
  readonly #reason: () => Error
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined

  /** @param reason what the signal aborts with, asked for when it does */
  constructor(ms: number, reason: () => Error) {
    this.#ms = ms
    this.#reason = reason
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Something happened, or is now expected to. */
  touch(): void {
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#controller.abort(this.#reason()), this.#ms)
  }

  /** Nothing is expected, until the next {@link touch}. */
  rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
