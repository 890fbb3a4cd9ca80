import { NetworkerError, type RawStream, type Transport } from '@basestore/networker/transport'
import { Directory } from './discovery/directory.js'
import { Discovery } from './discovery/discovery.js'
import { toFullDiscovery } from './discovery/options.js'
import {
  type CorruptOptions,
  corruption,
  dialFailure,
  type OneWay,
  type PartitionOptions,
  partition,
  pausing,
  ruling,
  shaping
} from './faults/fault-injector.js'
import { type DialFailure, Faults, type Rule, type Undo } from './faults/faults.js'
import { describeSelector, EVERYBODY, matches, type Selector } from './faults/selector.js'
import { partsOf, type Split, type SplitKind, type SplitOptions, splitting } from './faults/split.js'
import { Host, type HostOptions } from './host.js'
import { Hosts } from './hosts.js'
import type { Connections } from './links/connections.js'
import { flightsOf, type InFlight } from './links/in-flight.js'
import type { Link } from './links/link.js'
import { Links, type LinksOptions } from './links/links.js'
import { PERFECT, type Shape, toFullShape } from './links/shape.js'
import { type KillOptions, type MemoryNetworkOptions, toFullOptions } from './network-options.js'
import { Random } from './random.js'
import type { Clock } from './time/clock.js'
import { MemoryTransport } from './transport.js'

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
  readonly #discovery: Discovery
  readonly #faults: Faults
  readonly #links: Links
  readonly #hosts: Hosts
  #splits = 0

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(options: MemoryNetworkOptions = {}) {
    const { seed, name, clock, link, onevent, discovery, timeout } = toFullOptions(options)
    this.name = name
    this.seed = seed
    this.clock = clock
    this.#hosts = new Hosts(name)
    const faults = new Faults((id, fault, over) => {
      onevent?.({ type: 'fault', time: clock.now(), fault: id, kind: fault.kind, who: fault.who, over })
      if (over) this.#links.release(fault)
      this.#links.refresh()
      this.#discovery.wake()
    })
    const fixed = typeof link === 'function' ? PERFECT : toFullShape(link)
    const shape: LinksOptions['shape'] =
      typeof link === 'function' ? (...which) => toFullShape(link(...which)) : () => fixed
    const context = { clock, seed: String(seed), faults, onevent }
    this.#faults = faults
    this.#links = new Links({ ...context, timeout, shape })
    this.#discovery = new Discovery({
      ...context,
      directory: this.#directory,
      options: toFullDiscovery(discovery)
    })
  }

  /**
   * One more computer; or another one of the name of one that was killed, as after a restart.
   *
   * @throws NetworkerError `INVALID_OPTION`, also when there is one of that name
   */
  host(options: HostOptions = {}): Host {
    return this.#hosts.add(options)
  }

  /**
   * The transport of one more peer, for one networker. Its streams have the type `'memory'`, and the peer's
   * address is its host's name with the number of the transport on it, as in `memory-1:1`.
   *
   * @param host the computer that it runs on, or the name or the options of a new one
   * @throws NetworkerError `INVALID_OPTION`, also for a host that was killed, or is another network's
   */
  transport(host: Host | HostOptions | string = {}): Transport {
    const machine = host instanceof Host ? host : this.host(typeof host === 'string' ? { name: host } : host)
    this.#hosts.check(machine)
    if (machine.isDead) {
      throw new NetworkerError(
        'INVALID_OPTION',
        `the host ${machine.name} was killed; make another one with network.host({ name: '${machine.name}' })`
      )
    }
    const address = `${machine.name}:${++machine.transports}`
    return new MemoryTransport({
      name: this.name,
      address,
      machine,
      directory: this.#directory,
      discovery: this.#discovery,
      links: this.#links,
      // One generator for each peer, so that a new peer does not shift the others' numbers.
      random: new Random(`${this.seed}/${address}`)
    })
  }

  /**
   * A bare link to a transport that is started, for tests of what strangers send. Nothing is encrypted on it.
   *
   * @param from whose it is. @default a new host
   * @throws NetworkerError `INVALID_OPTION` when the transport was not started, or one of the two is not of this
   * network
   */
  dial(transport: Transport, from?: Host): RawStream {
    if (!(transport instanceof MemoryTransport)) {
      throw new NetworkerError('INVALID_OPTION', 'dial() takes a transport that network.transport() gave')
    }
    const { connections } = transport
    if (!connections) {
      throw new NetworkerError(
        'INVALID_OPTION',
        'the transport was not started; await listen() of its networker'
      )
    }
    this.#hosts.check(connections.machine, ...(from ? [from] : []))
    return this.#dial(connections, from ?? this.host())
  }

  /**
   * Parts hosts from others: nothing gets through, and nobody new is reached. A DHT is many computers elsewhere:
   * discovery goes on.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  partition(a: Selector, b: Selector, options: PartitionOptions = {}): Undo {
    this.#hosts.check(a, b)
    return this.#faults.add(partition(a, b, options))
  }

  /**
   * Lets the hosts that are there now fall apart into groups that do not see each other. Who is in no group, or
   * comes later, sees all; a host that is made anew stays in the group of its name.
   *
   * @param how groups, or a kind of split, with what is left to chance decided by the seed
   * @throws NetworkerError `INVALID_OPTION`, also when there are too few hosts for it: 2, for a bridge 3, for a
   * ring 4
   */
  split(how: SplitKind | readonly Selector[], options: SplitOptions = {}): Split {
    if (Array.isArray(how)) this.#hosts.check(...how)
    if (options.host !== undefined) this.#hosts.check(options.host)
    const random = new Random(`${this.seed}/split#${++this.#splits}`)
    const parts = partsOf(how, this.#hosts.running, options, random)
    return Object.assign(this.#faults.add(splitting(parts, options)), { groups: parts.groups })
  }

  /**
   * Gives links between hosts another shape, for what is written from now on.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  shape(a: Selector, b: Selector, shape: Shape, options: OneWay = {}): Undo {
    this.#hosts.check(a, b)
    return this.#faults.add(shaping(a, b, shape, options))
  }

  /**
   * Lets dials fail that begin now or later; of several that concern one, the latest decides. What is open stays
   * open.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  failDials(from: Selector, to: Selector, how: DialFailure): Undo {
    this.#hosts.check(from, to)
    return this.#faults.add(dialFailure(from, to, how))
  }

  /**
   * Turns a bit in what is written from now on.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  corrupt(a: Selector, b: Selector, options: CorruptOptions = {}): Undo {
    this.#hosts.check(a, b)
    return this.#faults.add(corruption(a, b, options))
  }

  /**
   * Asks a function about each frame that is written. The first that answers decides.
   *
   * @throws NetworkerError `INVALID_OPTION` when it is no function
   */
  rule(rule: Rule): Undo {
    return this.#faults.add(ruling(rule))
  }

  /**
   * Breaks the links that are open between hosts now. What is on its way is lost.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  reset(a: Selector = EVERYBODY, b: Selector = EVERYBODY): void {
    const links = this.#between(a, b)
    this.#faults.note('reset', `${describeSelector(a)} <-> ${describeSelector(b)}`)
    for (const link of links) link.reset()
  }

  /**
   * Computers lose power, or their processes die: from now on nothing gets out of them or into them. What others
   * find of them stays until it expires, and dials to them time out. A host of the same name can be made
   * afterwards, and has nothing of the old one. Nobody undoes that, not even `heal`.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  kill(who: Selector, { mode = 'silent' }: KillOptions = {}): void {
    this.#hosts.check(who)
    if (mode !== 'silent' && mode !== 'reset') {
      throw new NetworkerError('INVALID_OPTION', `mode must be silent or reset, got ${mode}`)
    }
    const dying = this.#hosts.running.filter((host) => matches(who, host))
    for (const host of dying) host.diedAt = this.clock.now()
    for (const host of dying) {
      this.#faults.note(`kill ${mode}`, host.name)
      this.#links.kill(host, mode)
    }
  }

  /**
   * Stops processes, as SIGSTOP does: what they send and what is sent to them waits, and goes on at the undo; the
   * others give up meanwhile. Only their network stops: timers of theirs go on in this process.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  pause(who: Selector): Undo {
    this.#hosts.check(who)
    return this.#faults.add(pausing(who))
  }

  /**
   * What is on its way between hosts, to be delivered or dropped by hand.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that nobody has
   */
  inFlight(a: Selector = EVERYBODY, b: Selector = EVERYBODY): InFlight[] {
    return this.#between(a, b).flatMap(flightsOf)
  }

  /** How many links are there, also those of which one end has closed. */
  get links(): number {
    return this.#links.size
  }

  /** Ends all faults, and delivers what they held. Who was killed stays dead. */
  heal(): void {
    this.#faults.heal()
  }

  #dial(connections: Connections, from: Host): RawStream {
    const stranger = { id: from.name, publicKey: new Uint8Array(32), address: `${from.name}:0` }
    const end = this.#links.dial(from, connections.machine, (far) => connections.accept(far, stranger))
    return end as unknown as RawStream // streamx's types ask `end` for an argument
  }

  #between(a: Selector, b: Selector): Link[] {
    this.#hosts.check(a, b)
    return [...this.#links].filter(({ there: { from, to } }) => {
      return (matches(a, from) && matches(b, to)) || (matches(a, to) && matches(b, from))
    })
  }
}
