import { Heap } from 'heap-js'

/** An event that is to happen at some time. */
export interface Scheduled {
  /** Milliseconds on the clock that it was scheduled with. */
  readonly time: number
  /** Does nothing once the event has happened, or was cancelled. */
  cancel(): void
}

/** When so many events are cancelled, and are at least half of the queue, they are taken out. */
const CANCELLED = 1024

/**
 * Events by time. At one time the lower rank comes first, and within a rank the event that was added first. So the
 * order does not depend on the order in which callbacks ran.
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

  /** How many events are still to happen. */
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
    const live = this.#heap.toArray().filter(({ isTaken }) => !isTaken)
    this.#heap = new Heap<Event>(compare)
    this.#heap.init(live)
    this.#cancelled = 0
  }

  #skipCancelled(): void {
    while (this.#heap.peek()?.isTaken) {
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

  /** Whether it has happened, or was cancelled. */
  get isTaken(): boolean {
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
