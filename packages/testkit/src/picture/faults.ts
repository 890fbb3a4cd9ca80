import type { PlannedFault } from '../simulation/report.js'
import type { FaultBar } from './data.js'

export interface Beginning {
  readonly kind: string
  readonly who: string
  /** Virtual milliseconds. */
  readonly time: number
  /** The number of the planned fault that it is part of. */
  readonly chaos?: number | undefined
}

interface OpenBar {
  readonly kind: string
  readonly who: string
  readonly from: number
  readonly chaos: number | undefined
  to?: number
}

/** What went wrong on purpose, each from its beginning to its end. */
export class FaultBars {
  readonly #bars = new Set<OpenBar>()
  readonly #open = new Map<string, OpenBar>()

  begin(key: string, { kind, who, time, chaos }: Beginning): void {
    if (this.#open.has(key)) return
    // A peer's pause is told twice: by the peer, and by the network that it falls silent in.
    const same = [...this.#open.values()].find(
      (bar) => bar.kind === kind && bar.who === who && bar.from === time
    )
    const bar = same ?? { kind, who, from: time, chaos }
    this.#bars.add(bar)
    this.#open.set(key, bar)
    if (isMomentary(kind)) this.over(key, time)
    if (kind === 'crash') this.#forgetKill(bar)
  }

  over(key: string, time: number): void {
    const bar = this.#open.get(key)
    if (bar) bar.to = time
    this.#open.delete(key)
  }

  /**
   * @param planned what the report lists: one bar each of those that were carried out
   * @param end of the run
   */
  finish(planned: readonly PlannedFault[], end: number): FaultBar[] {
    const plans = new Map(planned.map((fault) => [fault.id, fault]))
    const own: FaultBar[] = []
    const parts = new Map<PlannedFault, FaultBar[]>()
    for (const { kind, who, from, to = end, chaos } of this.#bars) {
      const plan = plans.get(chaos ?? 0)
      const bar = { kind, who, from, to }
      if (plan) parts.set(plan, [...(parts.get(plan) ?? []), bar])
      else own.push(bar)
    }
    return [...own, ...[...parts].map(toBar)].sort((a, b) => a.from - b.from)
  }

  /** A crash is told by the peer, from when to when, and by the network that it vanishes from. */
  #forgetKill({ who, from }: OpenBar): void {
    for (const bar of this.#bars) {
      if (bar.kind.startsWith('kill') && bar.who === who && bar.from === from) this.#bars.delete(bar)
    }
  }
}

/** What the network tells of once, since nobody undoes it. */
function isMomentary(kind: string): boolean {
  return kind === 'reset' || kind.startsWith('kill')
}

function toBar([{ id, kind, who }, parts]: readonly [PlannedFault, readonly FaultBar[]]): FaultBar {
  return {
    id,
    kind,
    who: who.join(', ') || parts.map((part) => part.who).join('; '),
    from: Math.min(...parts.map(({ from }) => from)),
    to: Math.max(...parts.map(({ to }) => to))
  }
}
