import type { LinkEnd } from './link-end.js'

/** How an attempt ended: whether a stream was handed over, and if not, why where that is known. */
export interface Outcome {
  readonly opened: boolean
  readonly cause?: unknown
}

/** Who asks for a dial: a topic that is looked up, or a call of `connect`. */
export interface Reason {
  readonly wanted: boolean
  readonly topic?: Uint8Array
}

/** A connection on its way, from the dial or the arrival to the hand-over. */
export class Attempt {
  /** Whose the dial is; empty for one that arrives. */
  readonly reasons = new Set<Reason>()
  /** Never rejects. */
  done!: Promise<Outcome>
  aborted = false
  #end: LinkEnd | undefined

  /** The link that is destroyed when it is aborted. */
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
