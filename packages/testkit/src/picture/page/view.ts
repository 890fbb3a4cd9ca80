/** The reader's choice: a moment, and two peers. */
export interface Look {
  /** Virtual milliseconds. */
  readonly time: number
  readonly a: number
  readonly b: number
}

export class View {
  readonly #listeners: ((look: Look, before: Look | undefined) => void)[] = []
  #look: Look
  #drawn: Look | undefined
  #queued = false

  constructor(look: Look) {
    this.#look = look
    // The style sheet has other colours for dark mode.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw())
  }

  get look(): Look {
    return this.#look
  }

  /** Calls a function now, and on each change, at most once for each frame of the screen. */
  on(listener: (look: Look, before: Look | undefined) => void): void {
    this.#listeners.push(listener)
    listener(this.#look, undefined)
  }

  set(change: Partial<Look>): void {
    this.#look = { ...this.#look, ...change }
    this.#queue()
  }

  /** Chooses a peer. It replaces the one that was chosen first. */
  choose(peer: number): void {
    const { a, b } = this.#look
    if (peer !== a && peer !== b) this.set({ a: b, b: peer })
  }

  redraw(): void {
    this.#drawn = undefined
    this.#queue()
  }

  #queue(): void {
    if (this.#queued) return
    this.#queued = true
    requestAnimationFrame(() => {
      this.#queued = false
      const before = this.#drawn
      this.#drawn = this.#look
      for (const listener of this.#listeners) listener(this.#look, before)
    })
  }
}
