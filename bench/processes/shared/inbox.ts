import { hashOf, now } from './numbered-messages.js'

/** Takes what comes, one after the other. Nothing else is done with it until all of it is there. */
export class Inbox {
  #bytes = new Uint8Array()
  #filled = 0
  #missing = 0
  #complete = (_at: number) => {}
  #completed = new Promise<number>(() => {})

  /** What comes from now on counts. */
  expect(messages: number, size: number): void {
    this.#bytes = new Uint8Array(messages * size)
    this.#filled = 0
    this.#missing = messages
    this.#completed = new Promise((resolve) => {
      this.#complete = resolve
    })
  }

  receive(message: Uint8Array): void {
    this.#bytes.set(message, this.#filled)
    this.#filled += message.byteLength
    if (--this.#missing === 0) this.#complete(now())
  }

  /** Resolves when all is there. @returns when the last came, in ms of the clock of {@link now} */
  complete(): Promise<number> {
    return this.#completed
  }

  /** The SHA-256 of all that came, in its order. */
  get hash(): string {
    return hashOf(this.#bytes)
  }

  holds(message: Uint8Array): boolean {
    return Buffer.compare(this.#bytes, message) === 0
  }
}
