import { hashOf, now } from './numbered-messages.js'

/** Takes messages one after another. It only copies them until all are there, so that little of it is measured. */
export class Inbox {
  #bytes = new Uint8Array()
  #filled = 0
  #missing = 0
  #complete = (_at: number) => {}
  #completed = new Promise<number>(() => {})

  /** Empties the inbox, which then takes so many messages of so many bytes. */
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

  /** Resolves when all messages are there. @returns when the last came (ms, of the clock of {@link now}) */
  complete(): Promise<number> {
    return this.#completed
  }

  /** The SHA-256 of all messages, in the order in which they came. */
  get hash(): string {
    return hashOf(this.#bytes)
  }

  holds(message: Uint8Array): boolean {
    return Buffer.compare(this.#bytes, message) === 0
  }
}
