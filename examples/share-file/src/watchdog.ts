/** Aborts a signal when nothing happened for too long. */
export class Watchdog {
  readonly #ms: number
  readonly #reason: () => Error
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined

  /** @param reason called when the time is over; the signal aborts with what it returns */
  constructor(ms: number, reason: () => Error) {
    this.#ms = ms
    this.#reason = reason
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Call it when something happened, or is expected from now on. */
  touch(): void {
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#controller.abort(this.#reason()), this.#ms)
  }

  /** Stops the clock until the next {@link touch}. */
  rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
