import type { DialFailure, Fault } from '../faults/faults.js'
import type { Host } from '../host.js'
import type { Clock } from '../time/clock.js'
import type { Scheduled } from '../time/event-queue.js'
import { Direction, type DirectionOwner, type Judgement } from './direction.js'
import type { Flight } from './flight.js'
import { LinkEnd, reset } from './link-end.js'
import type { Links } from './links.js'

/** One connection: two ends, each of which reads what the other writes. */
export class Link implements DirectionOwner {
  readonly id: number
  readonly there: Direction
  readonly back: Direction
  readonly dialler: LinkEnd
  readonly acceptor: LinkEnd
  readonly clock: Clock
  readonly #links: Links
  /** Whoever has the acceptor's end never open. */
  #halfOpen: Fault | undefined
  /** Whether someone has the acceptor's end. */
  #accepted = false
  /** The dial gets no answer, whatever becomes of the faults. */
  #unanswered = false
  #timer: Scheduled | null = null
  /** The hosts whose links this one counts among. */
  readonly #counted: Host[] = []
  #brokenByNetwork = false
  /** Why it closes, unless a host wants it. */
  #code: string | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor(links: Links, id: number, from: Host, to: Host, chances: string) {
    this.#links = links
    this.id = id
    this.clock = links.clock
    this.there = new Direction({
      owner: this,
      from,
      to,
      rank: 2 * id,
      chances: `${chances}/there`,
      shape: links.shape(from, to, id)
    })
    this.back = new Direction({
      owner: this,
      from: to,
      to: from,
      rank: 2 * id + 1,
      chances: `${chances}/back`,
      shape: links.shape(to, from, id)
    })
    const [dialler, acceptor] = LinkEnd.pair(this.there, this.back)
    this.dialler = dialler
    this.acceptor = acceptor
    dialler.on('close', () => this.#onclose(from, to)) // once() would cost more, and it comes once
    acceptor.on('close', () => this.#onclose(to, from))
  }

  /** Whether one of its hosts is. */
  get isDead(): boolean {
    return this.there.from.isDead || this.there.to.isDead
  }

  /** Whether nothing will ever get through. */
  get isSilent(): boolean {
    return this.isDead || this.#unanswered
  }

  touches(host: Host): boolean {
    return this.there.from === host || this.there.to === host
  }

  /** @param fault which lets the dial fail, where it is not the hosts themselves */
  open(accept: (end: LinkEnd) => void, failure: DialFailure | undefined, fault: Fault | undefined): void {
    const { from } = this.there
    this.#unanswered = failure === 'timeout'
    if (failure === 'half-open') this.#halfOpen = fault
    const isRefused = failure === 'refused' || !this.#count(from)
    if (failure === 'timeout' || failure === 'silent') return
    this.there.sign(() => (isRefused ? this.#refuse() : this.#arrive(accept)))
  }

  /** The network breaks the link: both ends see that now, and what is on its way is lost. */
  reset(error = reset()): void {
    if (this.#state === 'closed') return
    this.#brokenByNetwork = true
    this.#code ??= codeOf(error)
    const { from, to } = this.there
    if (!from.isDead) this.dialler.breakOff(error)
    if (!to.isDead) this.acceptor.breakOff(error)
    this.there.clear()
    this.back.clear()
  }

  /** Breaks the link after a while, unless told otherwise until then. */
  giveUp(does: boolean): void {
    if (does === (this.#timer !== null) || this.#state === 'closed') return
    this.#timer?.cancel()
    const late = this.clock.now() + this.#links.timeout
    this.#timer = does ? this.clock.at(late, () => this.#ontimeout()) : null
  }

  /** One of its hosts died: no end hears of the other any more, but that a process died where a computer lives on. */
  kill(host: Host, mode: 'silent' | 'reset'): void {
    const { from, to } = this.there
    const survivor = from === host ? to : from
    const isFree = this.#links.faults.stops(host, survivor) === undefined
    if (mode === 'reset' && isFree && !survivor.isDead) {
      this.#code ??= 'ECONNRESET'
      this.#endAt(survivor).breakOff(reset())
    }
    this.#links.apply(this)
    this.there.clear()
    this.back.clear()
    const hasEnd = !survivor.isDead && (survivor === from || this.#accepted)
    if (!hasEnd || this.#endAt(survivor).destroyed) this.#end()
  }

  /** Delivers what a fault held, or all did, and the rest of a half-open link. */
  release(by?: object): void {
    if (!by || by === this.#halfOpen) this.#halfOpen = undefined
    for (const direction of [this.there, this.back]) direction.release(by)
  }

  judge(direction: Direction, bytes: Uint8Array, index: number): Judgement {
    const { faults } = this.#links
    const { from, to } = direction
    if (from.isDead) return 'drop'
    if (this.#halfOpen && direction === this.there && index > 0) return { hold: this.#halfOpen }
    if (!faults.judges) return 'pass'
    const frame = { from: from.name, to: to.name, link: this.id, index, size: bytes.byteLength, bytes }
    const chance = (share: number) => direction.ruleRandom.chance(share)
    return faults.judge(from, to, { ...frame, time: this.clock.now() }, chance)
  }

  delivered({ from, to }: Direction, { frame, size, sent }: Flight): void {
    const { onevent } = this.#links
    if (!frame || !onevent) return
    onevent({
      type: 'frame',
      time: this.clock.now(),
      link: this.id,
      from: from.name,
      to: to.name,
      size,
      sent
    })
  }

  lost({ from, to }: Direction, { frame, size, sent }: Flight): void {
    // What the dead say is no frame.
    if (!frame || (from.diedAt !== undefined && sent >= from.diedAt)) return
    const time = this.clock.now()
    this.#links.onevent?.({ type: 'lost', time, link: this.id, from: from.name, to: to.name, size, sent })
  }

  #arrive(accept: (end: LinkEnd) => void): void {
    const { to } = this.there
    if (this.acceptor.destroying) return // its host gave up meanwhile
    if (!this.#count(to)) {
      this.#refuse()
      return
    }
    this.#accepted = true
    accept(this.acceptor)
    if (this.acceptor.destroying) return
    this.#links.onevent?.({ type: 'accept', time: this.clock.now(), link: this.id })
  }

  #refuse(): void {
    this.#code ??= 'ECONNREFUSED'
    this.back.sign(() => this.dialler.breakOff(reset('ECONNREFUSED', 'The remote refused the link')))
    this.acceptor.destroy()
  }

  /** @returns whether the host takes one more */
  #count(host: Host): boolean {
    if (host.links >= host.maxLinks) return false
    host.links++
    this.#counted.push(host)
    return true
  }

  /** Those give up who run; a host that is paused finds out when it goes on. */
  #ontimeout(): void {
    this.#timer = null
    const error = reset('ETIMEDOUT', 'The remote did not answer')
    this.#code ??= codeOf(error)
    const { from, to } = this.there
    const [here, there] = [this.#runs(from), this.#runs(to)]
    if (here && there) this.reset(error)
    else if (here) this.dialler.breakOff(error)
    else if (there) this.acceptor.breakOff(error)
  }

  #runs(host: Host): boolean {
    return !host.isDead && !this.#links.faults.pauses(host)
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
      this.#links.onevent?.({ type: 'close', time: this.clock.now(), link: this.id, by, ...why })
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
    this.#links.delete(this)
  }
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
