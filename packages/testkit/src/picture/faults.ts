import type { PlannedFault } from '../simulation/report.js'
import type { FaultBar } from './data.js'

export interface Beginning {
  readonly kind: string
  readonly who: string
  /** Virtual milliseconds. */
  readonly time: number
  /** The number of the planned fault that caused it. */
  readonly chaos?: number | undefined
}

interface OpenBar {
  readonly kind: string
  readonly who: string
  readonly from: number
  readonly chaos: number | undefined
  to?: number
}

/** The injected faults of a run, each from its beginning to its end. */
export class FaultBars {
  readonly #bars = new Set<OpenBar>()
  readonly #open = new Map<string, OpenBar>()

  begin(key: string, { kind, who, time, chaos }: Beginning): void {
    if (this.#open.has(key)) return
    // A pause has two events, one of the peer and one of the network. They are one bar.
    const same = [...this.#open.values()].find(
      (bar) => bar.kind === kind && bar.who === who && bar.from === time
    )
    const bar = same ?? { kind, who, from: time, chaos }
    this.#bars.add(bar)
    this.#open.set(key, bar)
    if (isMomentary(kind)) this.end(key, time)
    if (kind === 'crash') this.#forgetKill(bar)
  }

  end(key: string, time: number): void {
    const bar = this.#open.get(key)
    if (bar) bar.to = time
    this.#open.delete(key)
  }

  /**
   * @param planned the report's faults. Each of them that was carried out becomes one bar
   * @param end when the run ended
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

  /** A crash has two events. That of the network has no end, so it gives way to that of the peer. */
  #forgetKill({ who, from }: OpenBar): void {
    for (const bar of this.#bars) {
      if (bar.kind.startsWith('kill') && bar.who === who && bar.from === from) this.#bars.delete(bar)
    }
  }
}

/** Faults with one event only, since nobody undoes them. */
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
