import type { Verdict } from './direction.js'
import type { Host } from './host.js'
import type { FullShape } from './shape.js'

/** How a dial fails. */
export type DialFailure =
  /** The host answers that nobody listens. */
  | 'refused'
  /** Nothing comes back. */
  | 'timeout'
  /** The dialler's stream opens, the other's never does. */
  | 'half-open'
  /** The link opens, and nobody says a word on it. */
  | 'silent'

/** Ends what it was returned by. Calling it again does nothing; `using` calls it at the end of a block. */
export interface Undo {
  (): void
  [Symbol.dispose](): void
}

/** A frame that somebody writes, as a rule sees it. */
export interface Frame {
  /** Names of the hosts. */
  readonly from: string
  readonly to: string
  readonly link: number
  /** How many came before it in this direction of the link. */
  readonly index: number
  readonly size: number
  /** What is written; encrypted, once the handshake is over. Not to be changed. */
  readonly bytes: Uint8Array
  /** Milliseconds on the network's clock. */
  readonly time: number
}

/** What becomes of a frame; nothing leaves that to the other rules. */
export type Rule = (frame: Frame) => Verdict | undefined

/** Something that is wrong with the way from one host to another. */
export interface Fault {
  readonly kind: string
  /** Whom it concerns, for people to read. */
  readonly who: string
  applies(from: Host, to: Host): boolean
  /**
   * `hold` keeps back what is on its way, and `drop` does so as if it had to be sent again and again, until the
   * link's ends give up. `reset` breaks links, and those that are dialled.
   */
  readonly stops?: 'hold' | 'drop' | 'reset'
  readonly shape?: FullShape
  readonly dial?: DialFailure
  readonly judge?: Rule
}

/** What is wrong with a network, in the order in which it began. */
export class Faults {
  readonly #active = new Map<number, Fault>()
  readonly #onchange: (id: number, fault: Fault, over: boolean) => void
  #ids = 0
  #judges = 0

  constructor(onchange: (id: number, fault: Fault, over: boolean) => void) {
    this.#onchange = onchange
  }

  add(fault: Fault): Undo {
    const id = ++this.#ids
    this.#active.set(id, fault)
    if (fault.judge) this.#judges++
    this.#onchange(id, fault, false)
    const undo = () => this.#remove(id)
    return Object.assign(undo, { [Symbol.dispose]: undo })
  }

  heal(): void {
    for (const id of [...this.#active.keys()]) this.#remove(id)
  }

  /** The worst that applies. */
  stops(from: Host, to: Host): Fault['stops'] {
    let worst: Fault['stops']
    for (const { stops } of this.#between(from, to)) {
      if (stops === 'reset') return stops
      if (worst !== 'drop') worst = stops ?? worst
    }
    return worst
  }

  /** The latest that applies. */
  shape(from: Host, to: Host): FullShape | undefined {
    let latest: FullShape | undefined
    for (const { shape } of this.#between(from, to)) latest = shape ?? latest
    return latest
  }

  dial(from: Host, to: Host): DialFailure | undefined {
    for (const { dial } of this.#between(from, to)) if (dial) return dial
    return undefined
  }

  /** Whether anybody asks to see frames. */
  get judges(): boolean {
    return this.#judges > 0
  }

  judge(from: Host, to: Host, frame: Frame): Verdict {
    for (const { judge } of this.#between(from, to)) {
      const verdict = judge?.(frame)
      if (verdict !== undefined) return verdict
    }
    return 'pass'
  }

  *#between(from: Host, to: Host): Iterable<Fault> {
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
