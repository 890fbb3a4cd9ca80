type Listener = () => void

/** The part of an AbortSignal that waits need. */
export type EndSignal = Pick<AbortSignal, 'aborted'> & {
  addEventListener(type: 'abort', listener: Listener): void
  removeEventListener(type: 'abort', listener: Listener): void
}

/** A signal that may have hundreds of listeners. Node.js warns when an AbortSignal has more than ten. */
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
