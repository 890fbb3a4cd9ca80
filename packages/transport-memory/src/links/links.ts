import type { OnEvent } from '../events.js'
import type { DialFailure, Faults } from '../faults/faults.js'
import type { Host } from '../host.js'
import { natFailure } from '../nat.js'
import type { Clock } from '../time/clock.js'
import { Link } from './link.js'
import type { LinkEnd } from './link-end.js'
import type { FullShape } from './shape.js'

export interface LinksOptions {
  readonly clock: Clock
  readonly seed: string
  readonly faults: Faults
  readonly onevent: OnEvent | undefined
  /** How long a dial to nobody takes to fail, and a link over which nothing gets through to close, in ms. */
  readonly timeout: number
  /** How a direction of a link with this number behaves when nothing is wrong with it. */
  shape(from: Host, to: Host, link: number): FullShape
}

/** All links of a network. */
export class Links {
  readonly clock: Clock
  readonly faults: Faults
  readonly timeout: number
  readonly onevent: OnEvent | undefined
  readonly #options: LinksOptions
  readonly #open = new Set<Link>()
  /** How many one host dialled to another: a link's chances follow from that, not from what others do. */
  readonly #counts = new Map<string, number>()
  #ids = 0

  constructor(options: LinksOptions) {
    this.clock = options.clock
    this.faults = options.faults
    this.timeout = options.timeout
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
    const link = new Link(this, ++this.#ids, from, to, this.#chances(from, to))
    this.#open.add(link)
    this.onevent?.({ type: 'dial', time: this.clock.now(), link: link.id, from: from.name, to: to.name })
    const failure = this.#failure(from, to)
    const fault = failure ? undefined : this.faults.dial(from, to)
    link.open(accept, failure ?? fault?.dial, fault)
    if (this.faults.any || link.isSilent) this.apply(link)
    return link.dialler
  }

  get size(): number {
    return this.#open.size
  }

  *[Symbol.iterator](): Iterator<Link> {
    yield* this.#open
  }

  /** Has every link look at the faults again. */
  refresh(): void {
    for (const link of this.#open) this.apply(link)
  }

  /** Lets go of the frames that a fault held, or all did. */
  release(by?: object): void {
    for (const link of this.#open) link.release(by)
  }

  /** Silences the links of a host for good. */
  kill(host: Host, mode: 'silent' | 'reset'): void {
    for (const link of this.#open) if (link.touches(host)) link.kill(host, mode)
  }

  delete(link: Link): void {
    this.#open.delete(link)
  }

  shape(from: Host, to: Host, link: number): FullShape {
    return this.faults.shape(from, to) ?? this.#options.shape(from, to, link)
  }

  apply(link: Link): void {
    let lost = link.isSilent
    for (const direction of [link.there, link.back]) {
      const stops = this.faults.stops(direction.from, direction.to)
      // Not within the call: whoever dials has yet to listen.
      if (stops === 'reset') this.clock.soon(() => link.reset())
      direction.held = link.isSilent || stops === 'hold' || stops === 'drop'
      direction.shape = this.shape(direction.from, direction.to, link.id)
      lost ||= stops === 'drop'
    }
    link.giveUp(lost)
  }

  #failure(from: Host, to: Host): DialFailure | undefined {
    if (to.isDead) return 'timeout'
    return from === to ? undefined : natFailure(from.nat, to.nat)
  }

  /** Names the chances of a link. */
  #chances(from: Host, to: Host): string {
    const name = `${this.#options.seed}/${from.name}>${to.name}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return `${name}#${count}`
  }
}
