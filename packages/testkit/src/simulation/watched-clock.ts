import { type Scheduled, VirtualClock } from '@basestore/transport-memory'
import { inSeconds } from '../in-seconds.js'

/** Runs after everything that the network does at the same time. The clock's own timers have this rank too. */
export const TIMER_RANK = Number.MAX_SAFE_INTEGER

/** A virtual clock that can list what is still scheduled. */
export class WatchedClock extends VirtualClock {
  readonly #waiting = new Set<Waiting>()

  override at(time: number, run: () => void, rank?: number): Scheduled {
    const waiting = new Waiting(this.now(), rank, this.#waiting)
    const scheduled = super.at(time, () => waiting.run(run), rank)
    return waiting.add(scheduled)
  }

  /** A line for each timer, and for everything else that is scheduled. */
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
