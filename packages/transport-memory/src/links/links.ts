import type { OnEvent } from '../events.js'
import type { Faults } from '../faults/faults.js'
import type { DialFault } from '../faults/injected-fault.js'
import type { Host } from '../host.js'
import { natFault } from '../nat.js'
import type { Clock } from '../time/clock.js'
import { Link, type LinkContext } from './link.js'
import type { LinkEnd } from './link-end.js'
import type { FullLinkShape } from './shape.js'

/** The surroundings of the links. */
export interface LinksContext {
  readonly clock: Clock
  readonly seed: string
  readonly faults: Faults
  readonly onevent: OnEvent | undefined
  /** Time after which a dial to nobody fails, and a link closes over which nothing gets through (ms). */
  readonly timeout: number
  /** How one direction of a link behaves without injected faults. */
  shape(from: Host, to: Host, link: number): FullLinkShape
}

/** All links of a network. */
export class Links implements LinkContext {
  readonly clock: Clock
  readonly faults: Faults
  readonly timeout: number
  readonly onevent: OnEvent | undefined
  readonly #context: LinksContext
  readonly #open = new Set<Link>()
  /** How often each host dialled each other. A link's chances follow from that, not from what other hosts do. */
  readonly #counts = new Map<string, number>()
  #ids = 0

  constructor(context: LinksContext) {
    this.clock = context.clock
    this.faults = context.faults
    this.timeout = context.timeout
    this.onevent = context.onevent
    this.#context = context
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
    const own = this.#ownFault(from, to)
    const fault = own ? undefined : this.faults.dial(from, to)
    link.open(accept, own ?? fault?.dial, fault)
    if (this.faults.any || link.isSilent) this.apply(link)
    return link.dialler
  }

  get size(): number {
    return this.#open.size
  }

  *[Symbol.iterator](): Iterator<Link> {
    yield* this.#open
  }

  /** Brings every link in line with the injected faults. */
  refresh(): void {
    for (const link of this.#open) this.apply(link)
  }

  /** Lets go of the frames that one injected fault held, or all of them. */
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

  shape(from: Host, to: Host, link: number): FullLinkShape {
    return this.faults.shape(from, to) ?? this.#context.shape(from, to, link)
  }

  apply(link: Link): void {
    let isLost = link.isSilent
    for (const direction of [link.there, link.back]) {
      const stops = this.faults.stops(direction.from, direction.to)
      // Not within this call: the dialler has yet to listen for errors.
      if (stops === 'reset') this.clock.soon(() => link.reset())
      direction.held = link.isSilent || stops === 'hold' || stops === 'drop'
      direction.shape = this.shape(direction.from, direction.to, link.id)
      isLost ||= stops === 'drop'
    }
    link.expectNothing(isLost)
  }

  /** How a dial fails because of the hosts themselves. */
  #ownFault(from: Host, to: Host): DialFault | undefined {
    if (to.isDead) return 'timeout'
    return from === to ? undefined : natFault(from.nat, to.nat)
  }

  /** The seed of a link's chances. */
  #chances(from: Host, to: Host): string {
    const name = `${this.#context.seed}/${from.name}>${to.name}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return `${name}#${count}`
  }
}
