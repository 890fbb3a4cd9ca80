import type { Clock } from './clock.js'
import { Direction, type DirectionOwner, type Flight, type Verdict } from './direction.js'
import type { Scheduled } from './event-queue.js'
import type { OnEvent } from './events.js'
import type { DialFailure, Faults } from './faults.js'
import type { Host } from './host.js'
import { LinkEnd, reset } from './link.js'
import { natFailure } from './nat.js'
import { Random } from './random.js'
import type { FullShape } from './shape.js'

/** How long a dial to nobody takes to fail, and a link over which nothing gets through to close, in milliseconds. */
const TIMEOUT = 10_000

export interface LinksOptions {
  readonly clock: Clock
  readonly seed: string
  readonly faults: Faults
  readonly onevent: OnEvent | undefined
  /** How a direction behaves when nothing is wrong with it. */
  shape(from: Host, to: Host): FullShape
}

/** All links of a network. */
export class Links {
  readonly clock: Clock
  readonly faults: Faults
  readonly onevent: OnEvent | undefined
  readonly #options: LinksOptions
  readonly #open = new Set<Link>()
  /** How many there were between two hosts: a link's chances follow from that, not from what others do. */
  readonly #counts = new Map<string, number>()
  #ids = 0

  constructor(options: LinksOptions) {
    this.clock = options.clock
    this.faults = options.faults
    this.onevent = options.onevent
    this.#options = options
  }

  /**
   * Dials a host.
   *
   * @param accept called with the other end when the dial has arrived
   * @returns the dialler's end, which closes when the dial fails
   */
  dial(from: Host, to: Host, accept: (end: LinkEnd) => void): LinkEnd {
    const link = new Link(this, ++this.#ids, from, to)
    this.#open.add(link)
    this.onevent?.({ type: 'dial', time: this.clock.now(), link: link.id, from: from.name, to: to.name })
    link.open(accept, this.faults.dial(from, to) ?? natFailure(from.nat, to.nat))
    this.#apply(link)
    return link.dialler
  }

  *[Symbol.iterator](): Iterator<Link> {
    yield* this.#open
  }

  /** Has every link look at the faults again. */
  refresh(): void {
    for (const link of this.#open) this.#apply(link)
  }

  delete(link: Link): void {
    this.#open.delete(link)
  }

  shape(from: Host, to: Host): FullShape {
    return this.faults.shape(from, to) ?? this.#options.shape(from, to)
  }

  randomFor(from: Host, to: Host): Random {
    const name = `${from.name}>${to.name}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return new Random(`${this.#options.seed}/${name}#${count}`)
  }

  #apply(link: Link): void {
    let dropped = false
    for (const direction of [link.there, link.back]) {
      const stops = this.faults.stops(direction.from, direction.to)
      // Not within the call: whoever dials has yet to listen.
      if (stops === 'reset') this.clock.soon(() => link.reset())
      direction.held = stops === 'hold' || stops === 'drop'
      direction.shape = this.shape(direction.from, direction.to)
      dropped ||= stops === 'drop'
    }
    link.giveUp(dropped)
  }
}

/** One connection: two ends, each of which reads what the other writes. */
export class Link implements DirectionOwner {
  readonly id: number
  readonly there: Direction
  readonly back: Direction
  readonly dialler: LinkEnd
  readonly acceptor: LinkEnd
  readonly clock: Clock
  readonly #links: Links
  readonly #sent = new Map<Direction, number>()
  #random: Random | undefined
  #halfOpen = false
  #timer: Scheduled | null = null
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor(links: Links, id: number, from: Host, to: Host) {
    this.#links = links
    this.id = id
    this.clock = links.clock
    this.there = new Direction(this, from, to, 2 * id, links.shape(from, to))
    this.back = new Direction(this, to, from, 2 * id + 1, links.shape(to, from))
    const [dialler, acceptor] = LinkEnd.pair(this.there, this.back)
    this.dialler = dialler
    this.acceptor = acceptor
    from.links++
    to.links++
    dialler.once('close', () => this.#onclose(from))
    acceptor.once('close', () => this.#onclose(to))
  }

  /** Made when it is needed: most links never draw. */
  get random(): Random {
    this.#random ??= this.#links.randomFor(this.there.from, this.there.to)
    return this.#random
  }

  open(accept: (end: LinkEnd) => void, failure: DialFailure | undefined): void {
    const { from, to } = this.there
    if (failure === 'timeout') this.giveUp(true)
    if (failure === 'timeout' || failure === 'silent') return
    this.#halfOpen = failure === 'half-open'
    const refused = failure === 'refused' || from.links > from.maxLinks || to.links > to.maxLinks
    this.there.sign(() => (refused ? this.#refuse() : this.#accept(accept)))
  }

  /** The network breaks the link: both ends see that now, and what is on its way is lost. */
  reset(error?: Error): void {
    if (this.#state === 'closed') return
    for (const end of [this.dialler, this.acceptor]) {
      end.on('error', noop) // nobody may listen yet
      end.destroy(error ?? reset())
    }
    this.there.clear()
    this.back.clear()
  }

  /** Breaks the link after a while, unless told otherwise until then. */
  giveUp(does: boolean): void {
    if (does === (this.#timer !== null)) return
    this.#timer?.cancel()
    const late = () => this.reset(reset('ETIMEDOUT', 'The remote did not answer'))
    this.#timer = does ? this.clock.at(this.clock.now() + TIMEOUT, late) : null
  }

  /** Delivers what rules held, and the rest of a half-open link. */
  release(): void {
    this.#halfOpen = false
    for (const direction of [this.there, this.back]) direction.release()
  }

  judge(direction: Direction, bytes: Uint8Array): Verdict {
    const { faults } = this.#links
    if (!this.#halfOpen && !faults.judges) return 'pass'
    const index = this.#sent.get(direction) ?? 0
    this.#sent.set(direction, index + 1)
    if (this.#halfOpen && direction === this.there && index > 0) return 'hold'
    const { from, to } = direction
    const frame = { from: from.name, to: to.name, link: this.id, index, size: bytes.byteLength, bytes }
    return faults.judge(from, to, { ...frame, time: this.clock.now() })
  }

  delivered({ from, to }: Direction, { frame, size, sent }: Flight): void {
    if (!frame) return
    const time = this.clock.now()
    this.#links.onevent?.({ type: 'frame', time, link: this.id, from: from.name, to: to.name, size, sent })
  }

  #accept(accept: (end: LinkEnd) => void): void {
    if (!this.acceptor.destroying) {
      this.#links.onevent?.({ type: 'accept', time: this.clock.now(), link: this.id })
    }
    accept(this.acceptor)
  }

  #refuse(): void {
    this.back.sign(() => {
      this.dialler.on('error', noop)
      this.dialler.destroy(reset('ECONNREFUSED', 'The remote refused the link'))
    })
    this.acceptor.destroy()
  }

  #onclose(host: Host): void {
    host.links--
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#links.onevent?.({ type: 'close', time: this.clock.now(), link: this.id, by: host.name })
      return
    }
    this.#state = 'closed'
    this.giveUp(false)
    this.#links.delete(this)
  }
}

function noop(): void {}
