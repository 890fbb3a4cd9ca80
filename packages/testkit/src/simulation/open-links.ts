import type { TraceEvent } from './trace.js'

/** Virtual milliseconds after which a dial counts as failed. Nothing tells that it failed; it takes less time. */
const LOST = 60_000

/** The two peers of a link, by name. */
export interface Ends {
  readonly from: string
  readonly to: string
  /** When it was dialled, in virtual milliseconds. */
  readonly since: number
}

/** Follows the links of a network by its events. */
export class OpenLinks {
  readonly open = new Map<number, Ends>()
  /** Links that were dialled and not accepted yet, the oldest first. */
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
      this.#dialled.delete(link) // when the dialler gave up, the other end opens and closes at once
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

  /** Forgets the links of a killed host: no event tells that they closed. */
  #forget(host: string): void {
    for (const [link, { from, to }] of this.open) if (from === host || to === host) this.open.delete(link)
  }
}
