import type { TraceEvent } from './trace.js'

/** Longer than a dial takes to fail, in virtual milliseconds: nothing tells that it did. */
const LOST = 60_000

/** Who has a link, by names. */
export interface Ends {
  readonly from: string
  readonly to: string
  /** When it was dialled, in virtual milliseconds. */
  readonly since: number
}

/** The links of a network, as its events tell of them. */
export class OpenLinks {
  readonly open = new Map<number, Ends>()
  /** Those that have not arrived, the oldest first. */
  readonly #dialled = new Map<number, Ends>()

  /** @returns the ends of the link that the event is about */
  note(event: TraceEvent): Ends | undefined {
    if (event.type === 'fault' && event.kind.startsWith('kill')) this.#forget(event.who)
    if (!('link' in event)) return undefined
    const { link } = event
    if (event.type === 'dial') this.#dial(link, { from: event.from, to: event.to, since: event.time })
    const ends = this.open.get(link) ?? this.#dialled.get(link)
    if (event.type === 'accept' && ends) {
      this.#dialled.delete(link)
      this.open.set(link, ends)
    }
    if (event.type === 'close') {
      this.open.delete(link)
      this.#dialled.delete(link) // where the dialler gave up, the other end opens only to close
    }
    return ends
  }

  #dial(link: number, ends: Ends): void {
    for (const [id, { since }] of this.#dialled) {
      if (since > ends.since - LOST) break
      this.#dialled.delete(id)
    }
    this.#dialled.set(link, ends)
  }

  /** Of a host that was killed: its links close without a word. */
  #forget(host: string): void {
    for (const [link, { from, to }] of this.open) if (from === host || to === host) this.open.delete(link)
  }
}
