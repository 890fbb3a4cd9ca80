type Listener = () => void

/** As an AbortSignal, of which Node warns when more than ten wait for it, while hundreds may wait for an end here. */
export type EndSignal = Pick<AbortSignal, 'aborted'> & {
  addEventListener(type: 'abort', listener: Listener): void
  removeEventListener(type: 'abort', listener: Listener): void
}

/** The end of something, for whoever waits within it. */
export class Ending implements EndSignal {
  readonly #listeners = new Set<Listener>()
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    this.#listeners.delete(listener)
  }

  end = (): void => {
    this.#aborted = true
    for (const listener of [...this.#listeners]) listener()
  }
}
