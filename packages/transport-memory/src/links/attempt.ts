import type { LinkEnd } from './link-end.js'

/** How a dial ended: whether a stream was handed over, and if not, why, where that is known. */
export interface Outcome {
  readonly opened: boolean
  readonly cause?: unknown
}

/** Why a peer is dialled: for a topic that is looked up, or for a call of `connect`. */
export interface Reason {
  readonly wanted: boolean
  readonly topic?: Uint8Array
}

/** A connection on its way, from the dial or the arrival to the hand-over. */
export class Attempt {
  /** Empty for an arrival: the other side dialled. */
  readonly reasons = new Set<Reason>()
  /** Never rejects. */
  done!: Promise<Outcome>
  aborted = false
  #end: LinkEnd | undefined

  /** The end of the link that is destroyed when the attempt is aborted. */
  set end(end: LinkEnd) {
    this.#end = end
    if (this.aborted) end.destroy()
  }

  get wanted(): boolean {
    for (const { wanted } of this.reasons) if (wanted) return true
    return false
  }

  /** The topics under which the peer was found. */
  get topics(): Uint8Array[] {
    return [...this.reasons].flatMap(({ topic }) => topic ?? [])
  }

  abort(): void {
    this.aborted = true
    this.#end?.destroy()
  }
}
