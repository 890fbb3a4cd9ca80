import { invalidOption } from '../check.js'
import type { Host } from '../host.js'
import type { Hosts } from '../hosts.js'
import { flightsOf, type InFlight } from '../links/in-flight.js'
import type { Link } from '../links/link.js'
import type { Links } from '../links/links.js'
import { type LinkShape, toFullShape } from '../links/shape.js'
import { Random } from '../random.js'
import type { Clock } from '../time/clock.js'
import {
  type CorruptOptions,
  type KillOptions,
  type OneWay,
  type PartitionOptions,
  readCorrupt,
  readKillMode,
  readOneWay,
  readPartition
} from './fault-options.js'
import type { Faults, Undo } from './faults.js'
import { DIAL_FAULTS, type DialFault, type InjectedFault } from './injected-fault.js'
import type { Rule } from './rule.js'
import { describeSelector, EVERYBODY, matches, type Selector } from './selector.js'
import {
  checkSplitOptions,
  partsOf,
  type Split,
  type SplitKind,
  type SplitOptions,
  splitFault
} from './split.js'

/** The surroundings of a fault injector. */
export interface FaultInjectorContext {
  readonly clock: Clock
  readonly seed: string
  readonly hosts: Hosts
  readonly faults: Faults
  readonly links: Links
}

/** The verbs by which a network is told how to fail. Each returns what ends its fault, unless nothing can. */
export class FaultInjector {
  readonly #context: FaultInjectorContext
  #splits = 0

  /** @internal The context leads to streamx, whose types our declarations do not use. */
  constructor(context: FaultInjectorContext) {
    this.#context = context
  }

  /**
   * Cuts hosts off from others: nothing gets through between them, and no dial. Discovery goes on, since a DHT is
   * many computers elsewhere.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  partition(a: Selector, b: Selector, options: PartitionOptions = {}): Undo {
    const { mode, oneWay } = readPartition(options)
    const way = this.#way(a, b, oneWay)
    return this.#context.faults.add({ kind: 'partition', stops: mode, ...way })
  }

  /**
   * Lets the hosts that are there now fall apart into groups that do not see each other. A host that is in no group
   * or comes later sees all. A host that is made anew stays in the group of its name.
   *
   * @param how groups, or a kind of split; the seed decides what a kind leaves to chance
   * @throws NetworkerError `INVALID_OPTION`, also when there are too few hosts: a bridge takes 3, a ring 4, all
   * others 2
   */
  split(how: SplitKind | readonly Selector[], options: SplitOptions = {}): Split {
    checkSplitOptions(options)
    const { hosts, faults, seed } = this.#context
    if (Array.isArray(how)) hosts.assertKnown(...how)
    if (options.host !== undefined) hosts.assertKnown(options.host)
    const random = new Random(`${seed}/split#${++this.#splits}`)
    const parts = partsOf(how, hosts.running, options, random)
    return Object.assign(faults.add(splitFault(parts, options)), { groups: parts.groups })
  }

  /**
   * Gives links between hosts another shape, for what is written from now on. Of several that concern a link, the
   * latest decides.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  shape(a: Selector, b: Selector, shape: LinkShape, options: OneWay = {}): Undo {
    const way = this.#way(a, b, readOneWay(options))
    return this.#context.faults.add({ kind: 'shape', shape: toFullShape(shape), ...way })
  }

  /**
   * Makes dials fail that begin now or later. Open links stay open. Of several that concern a dial, the latest
   * decides.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  failDials(from: Selector, to: Selector, how: DialFault): Undo {
    const way = this.#way(from, to, true) // a dial has a direction of its own
    if (!DIAL_FAULTS.includes(how)) {
      throw invalidOption(`a dial fails in one of the ways ${DIAL_FAULTS.join(', ')}, got ${how}`)
    }
    return this.#context.faults.add({ kind: `dial ${how}`, dial: how, ...way })
  }

  /**
   * Turns one bit of a share of the frames that are written from now on.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  corrupt(a: Selector, b: Selector, options: CorruptOptions = {}): Undo {
    const { share, oneWay } = readCorrupt(options)
    const way = this.#way(a, b, oneWay)
    const judge: Rule = (_, chance) => (chance(share) ? 'corrupt' : undefined)
    return this.#context.faults.add({ kind: 'corrupt', judge, ...way })
  }

  /**
   * Asks a function about each frame that is written from now on. The first rule that returns a verdict decides.
   *
   * @throws NetworkerError `INVALID_OPTION` when it is no function
   */
  rule(rule: Rule): Undo {
    if (typeof rule !== 'function') throw invalidOption(`rule() takes a function of a frame, got ${rule}`)
    const who = rule.name || 'every frame'
    return this.#context.faults.add({ kind: 'rule', who, applies: () => true, judge: rule })
  }

  /**
   * Breaks the links that are open between hosts now. All that is on its way on them is lost.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  reset(a: Selector = EVERYBODY, b: Selector = EVERYBODY): void {
    const links = this.#linksBetween(a, b)
    this.#context.faults.report('reset', `${describeSelector(a)} <-> ${describeSelector(b)}`)
    for (const link of links) link.reset()
  }

  /**
   * Computers lose power, or their processes die: from now on nothing gets out of them or into them. Their records
   * are found until they expire, and dials to them time out. Nothing undoes that, not even {@link heal}. A host of
   * the same name can be made afterwards, and has nothing of the old one.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  kill(who: Selector, options: KillOptions = {}): void {
    const mode = readKillMode(options)
    const { hosts, clock, faults, links } = this.#context
    hosts.assertKnown(who)
    const dying = hosts.running.filter((host) => matches(who, host))
    for (const host of dying) host.diedAt = clock.now()
    for (const host of dying) {
      faults.report(`kill ${mode}`, host.name)
      links.kill(host, mode)
    }
  }

  /**
   * Stops processes, as SIGSTOP does: all that they send and are sent waits until the undo. The others give up
   * meanwhile. Only their network stops: their timers run on in this process.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  pause(who: Selector): Undo {
    this.#context.hosts.assertKnown(who)
    const pauses = (host: Host) => matches(who, host)
    const applies = (from: Host, to: Host) => pauses(from) || pauses(to)
    return this.#context.faults.add({
      kind: 'pause',
      who: describeSelector(who),
      stops: 'drop', // to the others its computer is as good as gone
      applies,
      pauses
    })
  }

  /**
   * Hosts get no answer of the discovery: no announcement is stored, no lookup answered, no peer found by its key. Open
   * links stay, and records that are stored. The transports tell that they are offline, and their flushes wait. After
   * the undo all of it goes on.
   *
   * @param who everybody, as when the DHT itself is down, or some
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  failDiscovery(who: Selector = EVERYBODY): Undo {
    this.#context.hosts.assertKnown(who)
    const failsDiscovery = (host: Host) => matches(who, host)
    const applies = () => false // it stops no frames
    return this.#context.faults.add({
      kind: 'discovery down',
      who: describeSelector(who),
      applies,
      failsDiscovery
    })
  }

  /**
   * Takes the network of hosts away, as when a cable is out or a phone is in flight mode: nothing gets from or to other
   * hosts, as by a {@link partition} of the mode `drop`, and the discovery does not answer, as by {@link failDiscovery}.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  unplug(who: Selector): Undo {
    const { applies } = this.#way(who, EVERYBODY)
    const failsDiscovery = (host: Host) => matches(who, host)
    return this.#context.faults.add({
      kind: 'unplug',
      who: describeSelector(who),
      stops: 'drop',
      applies,
      failsDiscovery
    })
  }

  /**
   * The frames on their way between hosts, to be delivered or dropped by hand.
   *
   * @throws NetworkerError `INVALID_OPTION`, also for a name that no host has
   */
  inFlight(a: Selector = EVERYBODY, b: Selector = EVERYBODY): InFlight[] {
    return this.#linksBetween(a, b).flatMap(flightsOf)
  }

  /** Ends all injected faults, and delivers what they held. Hosts that were killed stay dead. */
  heal(): void {
    this.#context.faults.heal()
  }

  #way(a: Selector, b: Selector, oneWay = false): Pick<InjectedFault, 'who' | 'applies'> {
    this.#context.hosts.assertKnown(a, b)
    const isThere = (from: Host, to: Host) => matches(a, from) && matches(b, to)
    const who = `${describeSelector(a)} ${oneWay ? '->' : '<->'} ${describeSelector(b)}`
    const applies = (from: Host, to: Host) => {
      if (from === to) return false // frames that stay on one computer cross no network
      return isThere(from, to) || (!oneWay && isThere(to, from))
    }
    return { who, applies }
  }

  #linksBetween(a: Selector, b: Selector): Link[] {
    const { hosts, links } = this.#context
    hosts.assertKnown(a, b)
    return [...links].filter(({ there: { from, to } }) => {
      return (matches(a, from) && matches(b, to)) || (matches(a, to) && matches(b, from))
    })
  }
}
