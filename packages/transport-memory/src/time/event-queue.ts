import { Heap } from 'heap-js'

/** What is to happen at some time. */
export interface Scheduled {
  /** Milliseconds on the clock that it was scheduled with. */
  readonly time: number
  /** Does nothing when it has happened, or was cancelled already. */
  cancel(): void
}

/** When this many have been cancelled, and they are most of the queue, they are taken out. */
const CANCELLED = 1024

/**
 * What is to happen, by time. At one time the lower rank goes first, and within a rank what was added first: so
 * the order does not depend on whose callback ran before whose.
 */
export class EventQueue {
  #heap = new Heap<Event>(compare)
  #sequence = 0
  #cancelled = 0

  add(time: number, run: () => void, rank = 0): Scheduled {
    const event = new Event(time, rank, this.#sequence++, run, this.#oncancel)
    this.#heap.push(event)
    return event
  }

  /** How many are still to happen. */
  get size(): number {
    return this.#heap.size() - this.#cancelled
  }

  /** When the next one happens; infinity when nothing does. */
  get nextTime(): number {
    this.#skipCancelled()
    return this.#heap.peek()?.time ?? Number.POSITIVE_INFINITY
  }

  /** Takes the next one out; undefined when the queue is empty. */
  take(): { readonly time: number; readonly run: () => void } | undefined {
    this.#skipCancelled()
    const event = this.#heap.pop()
    const run = event?.take()
    return event && run ? { time: event.time, run } : undefined
  }

  #oncancel = (): void => {
    this.#cancelled++
    if (this.#cancelled < CANCELLED || this.#cancelled < this.#heap.size() / 2) return
    const live = this.#heap.toArray().filter(({ over }) => !over)
    this.#heap = new Heap<Event>(compare)
    this.#heap.init(live)
    this.#cancelled = 0
  }

  #skipCancelled(): void {
    while (this.#heap.peek()?.over) {
      this.#heap.pop()
      this.#cancelled--
    }
  }
}

class Event implements Scheduled {
  readonly time: number
  readonly rank: number
  readonly sequence: number
  #run: (() => void) | null
  readonly #oncancel: () => void

  constructor(time: number, rank: number, sequence: number, run: () => void, oncancel: () => void) {
    this.time = time
    this.rank = rank
    this.sequence = sequence
    this.#run = run
    this.#oncancel = oncancel
  }

  get over(): boolean {
    return this.#run === null
  }

  take(): (() => void) | null {
    const run = this.#run
    this.#run = null
    return run
  }

  cancel(): void {
    if (this.take()) this.#oncancel()
  }
}

function compare(a: Event, b: Event): number {
  return a.time - b.time || a.rank - b.rank || a.sequence - b.sequence
}
