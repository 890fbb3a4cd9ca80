import type { OnEvent } from '../events.js'
import type { Faults } from '../faults/faults.js'
import type { DialFault, InjectedFault } from '../faults/injected-fault.js'
import type { Judgement } from '../faults/rule.js'
import type { Host } from '../host.js'
import type { Clock } from '../time/clock.js'
import type { Scheduled } from '../time/event-queue.js'
import { Direction, type DirectionContext } from './direction.js'
import type { Flight } from './flight.js'
import { LinkEnd } from './link-end.js'
import { type LinkErrorCode, linkError } from './link-error.js'
import type { FullLinkShape } from './shape.js'

/** The surroundings of a link. */
export interface LinkContext {
  readonly clock: Clock
  readonly faults: Faults
  /** Time after which a link closes over which nothing gets through (ms). */
  readonly timeout: number
  readonly onevent: OnEvent | undefined
  shape(from: Host, to: Host, link: number): FullLinkShape
  /** Brings a link in line with the injected faults. */
  apply(link: Link): void
  delete(link: Link): void
}

/** One connection between two hosts: two ends, each of which reads what the other writes. */
export class Link implements DirectionContext {
  readonly id: number
  readonly there: Direction
  readonly back: Direction
  readonly dialler: LinkEnd
  readonly acceptor: LinkEnd
  readonly clock: Clock
  readonly #context: LinkContext
  /** The injected fault that keeps the acceptor's end from opening. */
  #halfOpen: InjectedFault | undefined
  /** Whether a transport has the acceptor's end. */
  #accepted = false
  /** Whether the dial never gets an answer, whatever becomes of the injected faults. */
  #unanswered = false
  #timer: Scheduled | null = null
  /** The hosts whose links this one counts among. */
  readonly #counted: Host[] = []
  #brokenByNetwork = false
  /** Why it closes, unless a host wants it. */
  #code: LinkErrorCode | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor(context: LinkContext, id: number, from: Host, to: Host, chances: string) {
    this.#context = context
    this.id = id
    this.clock = context.clock
    this.there = new Direction(this, {
      from,
      to,
      rank: 2 * id,
      chances: `${chances}/there`,
      shape: context.shape(from, to, id)
    })
    this.back = new Direction(this, {
      from: to,
      to: from,
      rank: 2 * id + 1,
      chances: `${chances}/back`,
      shape: context.shape(to, from, id)
    })
    const [dialler, acceptor] = LinkEnd.pair(this.there, this.back)
    this.dialler = dialler
    this.acceptor = acceptor
    dialler.on('close', () => this.#onclose(from, to)) // it comes once, and once() would cost more
    acceptor.on('close', () => this.#onclose(to, from))
  }

  /** Whether nothing will ever get through. */
  get isSilent(): boolean {
    return this.there.from.isDead || this.there.to.isDead || this.#unanswered
  }

  touches(host: Host): boolean {
    return this.there.from === host || this.there.to === host
  }

  /**
   * @param how the dial fails, if it does
   * @param fault the injected fault that makes it fail; undefined when the hosts themselves do
   */
  open(accept: (end: LinkEnd) => void, how: DialFault | undefined, fault: InjectedFault | undefined): void {
    this.#unanswered = how === 'timeout'
    if (how === 'half-open') this.#halfOpen = fault
    const isRefused = how === 'refused' || !this.#count(this.there.from)
    if (how === 'timeout' || how === 'silent') return
    this.there.mark(() => (isRefused ? this.#refuse() : this.#arrive(accept)))
  }

  /** The network breaks the link: both ends see that now, and all that is on its way is lost. */
  reset(code: LinkErrorCode = 'ECONNRESET'): void {
    if (this.#state === 'closed') return
    this.#brokenByNetwork = true
    this.#code ??= code
    const { from, to } = this.there
    const error = linkError(code)
    if (!from.isDead) this.dialler.breakOff(error)
    if (!to.isDead) this.acceptor.breakOff(error)
    this.there.clear()
    this.back.clear()
  }

  /** Breaks the link after the network's timeout, unless it is told before that something gets through again. */
  expectNothing(expected: boolean): void {
    if (expected === (this.#timer !== null) || this.#state === 'closed') return
    this.#timer?.cancel()
    const late = this.clock.now() + this.#context.timeout
    this.#timer = expected ? this.clock.at(late, () => this.#ontimeout()) : null
  }

  /**
   * One of its hosts died: nothing gets through any more.
   *
   * @param mode `reset` when the process died and its computer lives on, which tells the other end
   */
  kill(host: Host, mode: 'silent' | 'reset'): void {
    const { from, to } = this.there
    const survivor = from === host ? to : from
    const isFree = this.#context.faults.stops(host, survivor) === undefined
    if (mode === 'reset' && isFree && !survivor.isDead) {
      this.#code ??= 'ECONNRESET'
      this.#endAt(survivor).breakOff(linkError('ECONNRESET'))
    }
    this.#context.apply(this)
    this.there.clear()
    this.back.clear()
    const hasEnd = !survivor.isDead && (survivor === from || this.#accepted)
    if (!hasEnd || this.#endAt(survivor).destroyed) this.#end()
  }

  /** Delivers what one injected fault held, or all of them, and opens the acceptor's end of a half-open link. */
  release(by?: object): void {
    if (!by || by === this.#halfOpen) this.#halfOpen = undefined
    this.there.release(by)
    this.back.release(by)
  }

  judge(direction: Direction, bytes: Uint8Array, index: number): Judgement {
    const { faults } = this.#context
    const { from, to } = direction
    if (from.isDead) return 'drop'
    if (this.#halfOpen && direction === this.there && index > 0) return { hold: this.#halfOpen }
    if (!faults.judges) return 'pass'
    const frame = { from: from.name, to: to.name, link: this.id, index, size: bytes.byteLength, bytes }
    const chance = (share: number) => direction.ruleRandom.chance(share)
    return faults.judge(from, to, { ...frame, time: this.clock.now() }, chance)
  }

  delivered({ from, to }: Direction, { frame, size, sent }: Flight): void {
    const { onevent } = this.#context
    if (!frame || !onevent) return
    const time = this.clock.now()
    onevent({ type: 'frame', time, link: this.id, from: from.name, to: to.name, size, sent })
  }

  lost({ from, to }: Direction, { frame, size, sent }: Flight): void {
    // A dead host writes nothing.
    if (!frame || (from.diedAt !== undefined && sent >= from.diedAt)) return
    const time = this.clock.now()
    this.#context.onevent?.({ type: 'lost', time, link: this.id, from: from.name, to: to.name, size, sent })
  }

  #arrive(accept: (end: LinkEnd) => void): void {
    if (this.acceptor.destroying) return // the dialler gave up meanwhile
    if (!this.#count(this.there.to)) {
      this.#refuse()
      return
    }
    this.#accepted = true
    accept(this.acceptor)
    if (this.acceptor.destroying) return
    this.#context.onevent?.({ type: 'accept', time: this.clock.now(), link: this.id })
  }

  #refuse(): void {
    this.#code ??= 'ECONNREFUSED'
    this.back.mark(() => this.dialler.breakOff(linkError('ECONNREFUSED')))
    this.acceptor.destroy()
  }

  /** @returns whether the host takes one more */
  #count(host: Host): boolean {
    if (host.links >= host.maxLinks) return false
    host.links++
    this.#counted.push(host)
    return true
  }

  /** Ends whose host runs give up. A host that is paused finds out when it goes on. */
  #ontimeout(): void {
    this.#timer = null
    const code = 'ETIMEDOUT'
    this.#code ??= code
    const { from, to } = this.there
    const [here, there] = [this.#runs(from), this.#runs(to)]
    if (here && there) this.reset(code)
    else if (here) this.dialler.breakOff(linkError(code))
    else if (there) this.acceptor.breakOff(linkError(code))
  }

  #runs(host: Host): boolean {
    return !host.isDead && !this.#context.faults.pauses(host)
  }

  #endAt(host: Host): LinkEnd {
    return this.there.from === host ? this.dialler : this.acceptor
  }

  #onclose(host: Host, remote: Host): void {
    const at = this.#counted.indexOf(host)
    if (at !== -1) {
      this.#counted.splice(at, 1)
      host.links--
    }
    if (host.isDead) return // nobody sees that
    if (this.#state === 'open') {
      this.#state = 'closing'
      const by = this.#brokenByNetwork ? null : host.name
      const why = this.#code === undefined ? {} : { code: this.#code }
      this.#context.onevent?.({ type: 'close', time: this.clock.now(), link: this.id, by, ...why })
      if (!remote.isDead && !this.#unanswered) return
    }
    this.#end()
  }

  #end(): void {
    this.#state = 'closed'
    this.#timer?.cancel()
    this.#timer = null
    this.there.clear()
    this.back.clear()
    this.#context.delete(this)
  }
}
