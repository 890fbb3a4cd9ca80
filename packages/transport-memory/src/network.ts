import { NetworkerError, type RawStream, type Transport } from '@basestore/networker/transport'
import { type Clock, RealClock } from './clock.js'
import { Directory } from './directory.js'
import type { OnEvent } from './events.js'
import {
  type CorruptOptions,
  corruption,
  dialFailure,
  type OneWay,
  type PartitionOptions,
  partition,
  ruling,
  shaping
} from './fault-kinds.js'
import { type DialFailure, Faults, type Rule, type Undo } from './faults.js'
import { Host, type HostOptions } from './host.js'
import { flightsOf, type InFlight } from './in-flight.js'
import { type Link, Links } from './links.js'
import { MemoryTransport } from './memory-transport.js'
import { Random } from './random.js'
import { checkNames, EVERYBODY, matches, type Selector } from './selector.js'
import { PERFECT, type Shape, toFullShape } from './shape.js'

/** The same on every run, so that a run repeats unless asked otherwise. */
const DEFAULT_SEED = 0
const DEFAULT_NAME = 'memory'

export interface MemoryNetworkOptions {
  /**
   * Decides whatever is left to chance. The same seed and the same calls give the same; 1 and '1' are one seed.
   * @default 0
   */
  readonly seed?: number | string
  /**
   * The name of its transports, and the beginning of its hosts' names. The transports of one networker need
   * different names: give one when a networker is on two networks.
   * @default 'memory'
   */
  readonly name?: string
  /** What it asks for the time. @default that of this computer */
  readonly clock?: Clock
  /** How each direction of each link behaves, or a function that tells it by the hosts. @default perfectly */
  readonly link?: Shape | ((from: Host, to: Host) => Shape)
  /** Told of whatever happens in it. */
  readonly onevent?: OnEvent
}

/**
 * A network in one process. Its peers find and reach each other over real Noise streams; two networks never see
 * each other, since all that a network knows is in this object.
 *
 * ```ts
 * const network = new MemoryNetwork()
 * const a = new Networker(storeA, { transports: [network.transport()] })
 * const b = new Networker(storeB, { transports: [network.transport()] })
 * ```
 */
export class MemoryNetwork {
  readonly name: string
  readonly seed: number | string
  readonly clock: Clock
  readonly #directory = new Directory()
  readonly #faults: Faults
  readonly #links: Links
  readonly #hosts = new Map<string, Host>()

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(options: MemoryNetworkOptions = {}) {
    const { seed = DEFAULT_SEED, name = DEFAULT_NAME, clock = new RealClock(), link = {}, onevent } = options
    if (typeof seed !== 'string' && !Number.isFinite(seed)) {
      throw new NetworkerError('INVALID_OPTION', `seed must be a string or a finite number, got ${seed}`)
    }
    this.name = name
    this.seed = seed
    this.clock = clock
    this.#faults = new Faults((fault, { kind, who }, over) => {
      onevent?.({ type: 'fault', time: clock.now(), fault, kind, who, over })
      this.#links.refresh()
    })
    const fixed = typeof link === 'function' ? PERFECT : toFullShape(link)
    const shape =
      typeof link === 'function' ? (from: Host, to: Host) => toFullShape(link(from, to)) : () => fixed
    this.#links = new Links({ clock, seed: String(seed), faults: this.#faults, onevent, shape })
  }

  /**
   * One more computer.
   *
   * @throws NetworkerError `INVALID_OPTION`, also when there is one of that name
   */
  host(options: HostOptions = {}): Host {
    const name = options.name ?? `${this.name}-${this.#hosts.size + 1}`
    if (this.#hosts.has(name)) {
      throw new NetworkerError(
        'INVALID_OPTION',
        `there is a host called ${name} already; give this one another name`
      )
    }
    const host = new Host(name, options)
    this.#hosts.set(name, host)
    return host
  }

  /**
   * The transport of one more peer, for one networker. Its streams have the type `'memory'`, and the peer's
   * address is its host's name with the number of the transport on it, as in `memory-1:1`.
   *
   * @param host the computer that it runs on, or the name or the options of a new one
   */
  transport(host: Host | HostOptions | string = {}): Transport {
    const machine = host instanceof Host ? host : this.host(typeof host === 'string' ? { name: host } : host)
    const address = `${machine.name}:${++machine.transports}`
    return new MemoryTransport({
      name: this.name,
      address,
      machine,
      clock: this.clock,
      directory: this.#directory,
      links: this.#links,
      // One generator for each peer, so that a new peer does not shift the others' numbers.
      random: new Random(`${this.seed}/${address}`)
    })
  }

  /**
   * A bare link to a transport that is started, for tests of what strangers send. Nothing is encrypted on it.
   *
   * @throws NetworkerError `INVALID_OPTION` when the transport is not one of a memory network
   */
  dial(transport: Transport, from = this.host()): RawStream {
    if (!(transport instanceof MemoryTransport)) {
      throw new NetworkerError('INVALID_OPTION', 'dial() takes a transport that network.transport() gave')
    }
    const { connections } = transport
    const publicKey = new Uint8Array(32)
    const stranger = { id: from.name, publicKey, address: `${from.name}:0` }
    const end = this.#links.dial(from, connections.machine, (far) => connections.accept(far, stranger))
    return end as unknown as RawStream // streamx's types ask `end` for an argument
  }

  /** Parts hosts from others: nothing gets through, and nobody new is reached. */
  partition(a: Selector, b: Selector, options: PartitionOptions = {}): Undo {
    this.#check(a, b)
    return this.#faults.add(partition(a, b, options))
  }

  /** Gives links between hosts another shape, for what is written from now on. */
  shape(a: Selector, b: Selector, shape: Shape, options: OneWay = {}): Undo {
    this.#check(a, b)
    return this.#faults.add(shaping(a, b, shape, options))
  }

  /** Lets dials fail. What is open stays open. */
  failDials(from: Selector, to: Selector, how: DialFailure): Undo {
    this.#check(from, to)
    return this.#faults.add(dialFailure(from, to, how))
  }

  /** Turns a bit in what is written from now on. */
  corrupt(a: Selector, b: Selector, options: CorruptOptions = {}): Undo {
    this.#check(a, b)
    return this.#faults.add(corruption(a, b, options, new Random(`${this.seed}/corrupt`)))
  }

  /** Asks a function about each frame that is written. The first that answers decides. */
  rule(rule: Rule): Undo {
    return this.#faults.add(ruling(rule))
  }

  /** Breaks the links that are open between hosts now. What is on its way is lost. */
  reset(a: Selector = EVERYBODY, b: Selector = EVERYBODY): void {
    for (const link of this.#between(a, b)) link.reset()
  }

  /** What is on its way between hosts, to be delivered or dropped by hand. */
  inFlight(a: Selector = EVERYBODY, b: Selector = EVERYBODY): InFlight[] {
    return this.#between(a, b).flatMap(flightsOf)
  }

  /** Ends all faults, and delivers what they held. */
  heal(): void {
    this.#faults.heal()
    for (const link of this.#links) link.release()
  }

  #between(a: Selector, b: Selector): Link[] {
    this.#check(a, b)
    return [...this.#links].filter(({ there: { from, to } }) => {
      return (matches(a, from) && matches(b, to)) || (matches(a, to) && matches(b, from))
    })
  }

  #check(...selectors: readonly Selector[]): void {
    for (const selector of selectors) checkNames(selector, this.#hosts)
  }
}
