import { type Scheduled, VirtualClock } from '@basestore/transport-memory'

/** After all that the network does at the same time, as the clock's own timers have it. */
export const TIMER_RANK = Number.MAX_SAFE_INTEGER

/** A virtual clock that knows what is still to happen on it. */
export class WatchedClock extends VirtualClock {
  readonly #waiting = new Set<Waiting>()

  override at(time: number, run: () => void, rank?: number): Scheduled {
    const waiting = new Waiting(this.now(), rank, this.#waiting)
    const scheduled = super.at(time, () => waiting.run(run), rank)
    return waiting.add(scheduled)
  }

  /** A line for each timer and for whatever else is still to happen. */
  describeWaiting(): string[] {
    return [...this.#waiting].map(({ isTimer, since, time }) => {
      const what = isTimer ? `a timer of ${time - since} ms` : 'something of the network'
      return `${what}, set at ${inSeconds(since)} and due at ${inSeconds(time)}`
    })
  }
}

class Waiting implements Scheduled {
  /** When it was scheduled, in virtual milliseconds. */
  readonly since: number
  readonly #rank: number | undefined
  readonly #all: Set<Waiting>
  #scheduled!: Scheduled

  constructor(since: number, rank: number | undefined, all: Set<Waiting>) {
    this.since = since
    this.#rank = rank
    this.#all = all
  }

  get time(): number {
    return this.#scheduled.time
  }

  get isTimer(): boolean {
    return this.#rank === TIMER_RANK
  }

  add(scheduled: Scheduled): this {
    this.#scheduled = scheduled
    this.#all.add(this)
    return this
  }

  run(work: () => void): void {
    this.#all.delete(this)
    work()
  }

  cancel(): void {
    this.#all.delete(this)
    this.#scheduled.cancel()
  }
}

/** Virtual milliseconds as people read them. */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}
