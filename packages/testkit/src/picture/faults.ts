import type { PlannedFault } from '../simulation/report.js'
import type { FaultBar } from './data.js'

/** A planned fault and what the trace says of it are one, when they begin so many milliseconds apart. */
const SAME_TIME = 1

interface OpenBar {
  readonly kind: string
  readonly who: string
  readonly from: number
  to?: number
}

/** What went wrong on purpose, each from its beginning to its end. */
export class FaultBars {
  readonly #bars: OpenBar[] = []
  readonly #open = new Map<string, OpenBar>()

  begin(key: string, kind: string, who: string, time: number): void {
    if (this.#open.has(key)) return
    // A peer's pause is told twice: by the peer, and by the network that it falls silent in.
    const same = [...this.#open.values()].find(
      (bar) => bar.kind === kind && bar.who === who && bar.from === time
    )
    const bar = same ?? { kind, who, from: time }
    if (!same) this.#bars.push(bar)
    this.#open.set(key, bar)
  }

  over(key: string, time: number): void {
    const bar = this.#open.get(key)
    if (bar) bar.to = time
    this.#open.delete(key)
  }

  /**
   * @param planned what the report lists: it gives those of the trace their numbers, and is shown by itself where the
   * trace has nothing like it
   * @param end of the run
   */
  finish(planned: readonly PlannedFault[], end: number): FaultBar[] {
    const free = new Set(this.#bars)
    const bars: FaultBar[] = planned.map((fault) => {
      const { id, time, duration, kind, who } = fault
      const [seen] = [...free].filter((bar) => isSame(bar, fault))
      if (seen) free.delete(seen)
      const from = seen ? seen.from : Math.min(time, end)
      return { id, kind, who, from, to: seen ? (seen.to ?? end) : Math.min(time + duration, end) }
    })
    for (const { kind, who, from, to = end } of free) bars.push({ kind, who, from, to })
    return bars.sort((a, b) => a.from - b.from)
  }
}

function isSame(bar: OpenBar, { time, kind, who }: PlannedFault): boolean {
  return Math.abs(bar.from - time) <= SAME_TIME && bar.who === who && bar.kind === kind
}
