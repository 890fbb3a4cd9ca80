import { NetworkerError } from '@basestore/networker/transport'
import type { Host } from '../host.js'
import type { Judgement, Verdict } from '../links/direction.js'
import type { FullShape } from '../links/shape.js'

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

export const DIAL_FAILURES: readonly DialFailure[] = ['refused', 'timeout', 'half-open', 'silent']

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
  /** How many were written before it in this direction of the link. */
  readonly index: number
  readonly size: number
  /** What is written; encrypted, once the handshake is over. Not to be changed, nor kept: the reader decrypts it in place. */
  readonly bytes: Uint8Array
  /** Milliseconds on the network's clock. */
  readonly time: number
}

/**
 * What becomes of a frame; nothing leaves that to the other rules.
 *
 * @param chance is true as often as a share from 0 to 1 says, by the network's seed; what it says on one link does
 * not depend on what happens on others
 */
export type Rule = (frame: Frame, chance: (share: number) => boolean) => Verdict | undefined

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
  /** Whether it stops a host itself, which then does not give up either. */
  pauses?(host: Host): boolean
}

/** @param over whether it has ended, or else begun */
type OnChange = (id: number, fault: Pick<Fault, 'kind' | 'who'>, over: boolean) => void

const NONE: readonly Fault[] = []

/** What is wrong with a network, in the order in which it began. */
export class Faults {
  readonly #active = new Map<number, Fault>()
  readonly #onchange: OnChange
  #ids = 0
  #judges = 0

  constructor(onchange: OnChange) {
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

  /** Something went wrong that nobody can undo. */
  note(kind: string, who: string): void {
    this.#onchange(++this.#ids, { kind, who }, false)
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

  pauses(host: Host): boolean {
    for (const fault of this.#active.values()) if (fault.pauses?.(host)) return true
    return false
  }

  /** The latest that applies. */
  shape(from: Host, to: Host): FullShape | undefined {
    let latest: FullShape | undefined
    for (const { shape } of this.#between(from, to)) latest = shape ?? latest
    return latest
  }

  /** The latest that lets a dial fail. */
  dial(from: Host, to: Host): Fault | undefined {
    let latest: Fault | undefined
    for (const fault of this.#between(from, to)) if (fault.dial) latest = fault
    return latest
  }

  get any(): boolean {
    return this.#active.size > 0
  }

  /** Whether anybody asks to see frames. */
  get judges(): boolean {
    return this.#judges > 0
  }

  /** The first rule that answers decides. */
  judge(from: Host, to: Host, frame: Frame, chance: (share: number) => boolean): Judgement {
    for (const fault of this.#between(from, to)) {
      const verdict = fault.judge?.(frame, chance)
      if (verdict === undefined) continue
      checkVerdict(verdict)
      return verdict === 'hold' ? { hold: fault } : verdict
    }
    return 'pass'
  }

  #between(from: Host, to: Host): Iterable<Fault> {
    return this.any ? this.#applying(from, to) : NONE
  }

  *#applying(from: Host, to: Host): Iterable<Fault> {
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

const VERDICTS: readonly unknown[] = ['pass', 'corrupt', 'drop', 'hold', 'reset'] satisfies Verdict[]

/** Another one would pass, and a test that hangs on it would prove nothing. */
function checkVerdict(verdict: Verdict): void {
  if (VERDICTS.includes(verdict)) return
  if (typeof verdict === 'object' && verdict.delay >= 0 && Number.isFinite(verdict.delay)) return
  throw new NetworkerError(
    'INVALID_OPTION',
    `a rule returns ${VERDICTS.join(', ')}, { delay: ms } or nothing, got ${JSON.stringify(verdict)}`
  )
}
