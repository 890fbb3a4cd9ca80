import type { Host } from '../host.js'
import type { FullLinkShape } from '../links/shape.js'
import type { InjectedFault } from './injected-fault.js'
import { checkVerdict, type Frame, type Judgement } from './rule.js'

/** Ends what it was returned by. A second call does nothing. `using` calls it at the end of a block. */
export interface Undo {
  (): void
  [Symbol.dispose](): void
}

/** @param over true when the fault is over, false when it begins */
type OnChange = (id: number, fault: Pick<InjectedFault, 'kind' | 'who'>, over: boolean) => void

const NONE: readonly InjectedFault[] = []

/** The injected faults of a network, in the order in which they began. */
export class Faults {
  readonly #active = new Map<number, InjectedFault>()
  readonly #onchange: OnChange
  #ids = 0
  #judges = 0

  constructor(onchange: OnChange) {
    this.#onchange = onchange
  }

  add(fault: InjectedFault): Undo {
    const id = ++this.#ids
    this.#active.set(id, fault)
    if (fault.judge) this.#judges++
    this.#onchange(id, fault, false)
    const undo = () => this.#remove(id)
    return Object.assign(undo, { [Symbol.dispose]: undo })
  }

  /** Reports a fault that happens once, and cannot be undone. */
  report(kind: string, who: string): void {
    this.#onchange(++this.#ids, { kind, who }, false)
  }

  /** Ends all of them. */
  heal(): void {
    for (const id of [...this.#active.keys()]) this.#remove(id)
  }

  /** The worst that applies. */
  stops(from: Host, to: Host): InjectedFault['stops'] {
    let worst: InjectedFault['stops']
    for (const { stops } of this.#between(from, to)) {
      if (stops === 'reset') return stops
      if (worst !== 'drop') worst = stops ?? worst
    }
    return worst
  }

  pauses(host: Host): boolean {
    for (const fault of this.#active.values()) if (fault.pauses?.(host)) return true
    return false
  }

  /** Whether the discovery does not answer a host. */
  failsDiscovery(host: Host): boolean {
    for (const fault of this.#active.values()) if (fault.failsDiscovery?.(host)) return true
    return false
  }

  /** The latest that applies. */
  shape(from: Host, to: Host): FullLinkShape | undefined {
    let latest: FullLinkShape | undefined
    for (const { shape } of this.#between(from, to)) latest = shape ?? latest
    return latest
  }

  /** The latest that makes a dial fail. */
  dial(from: Host, to: Host): InjectedFault | undefined {
    let latest: InjectedFault | undefined
    for (const fault of this.#between(from, to)) if (fault.dial) latest = fault
    return latest
  }

  get any(): boolean {
    return this.#active.size > 0
  }

  /** Whether one of them looks at frames. */
  get judges(): boolean {
    return this.#judges > 0
  }

  /** The verdict of the first rule that returns one. */
  judge(from: Host, to: Host, frame: Frame, chance: (share: number) => boolean): Judgement {
    for (const fault of this.#between(from, to)) {
      const verdict = fault.judge?.(frame, chance)
      if (verdict === undefined) continue
      checkVerdict(verdict)
      return verdict === 'hold' ? { hold: fault } : verdict
    }
    return 'pass'
  }

  #between(from: Host, to: Host): Iterable<InjectedFault> {
    return this.any ? this.#applying(from, to) : NONE
  }

  *#applying(from: Host, to: Host): Iterable<InjectedFault> {
    for (const fault of this.#active.values()) if (fault.applies(from, to)) yield fault
  }

  #remove(id: number): void {
    const fault = this.#active.get(id)
    if (!fault) return
    this.#active.delete(id)
    if (fault.judge) this.#judges--
    this.#onchange(id, fault, true)
  }
}
