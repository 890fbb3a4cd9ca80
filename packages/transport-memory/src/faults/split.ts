import { checkOptions } from '@basestore/networker/transport'
import { invalidOption } from '../check.js'
import type { Host } from '../host.js'
import type { Random } from '../random.js'
import { type PartitionOptions, toPartitionMode } from './fault-options.js'
import type { Undo } from './faults.js'
import type { InjectedFault } from './injected-fault.js'
import { matches, type Selector } from './selector.js'

/**
 * How a network falls apart, by the names of Jepsen's partitions (`jepsen.nemesis`) and TigerBeetle's simulator
 * (`PartitionMode`):
 * - `isolate`: one host apart from the rest (Jepsen's `split-one`, TigerBeetle's `isolate_single`);
 * - `majority`: more than half of the hosts apart from the rest, by chance (Jepsen's `random-halves`);
 * - `bridge`: two halves, and one host that is in both and sees all (Jepsen's `bridge`);
 * - `ring`: each host sees a majority, and no two see the same one (Jepsen's `majorities-ring`);
 * - `random`: each host in one of two groups, by chance (TigerBeetle's `uniform_partition`).
 */
export type SplitKind = 'isolate' | 'majority' | 'bridge' | 'ring' | 'random'

export interface SplitOptions extends PartitionOptions {
  /** The host that is isolated, or is the bridge. @default one by chance */
  readonly host?: Selector
  /** Lose only what an earlier group sends to a later one. A ring has no such order, and refuses it. @default false */
  readonly oneWay?: boolean
}

/** A split in force. Call it to end the split. */
export interface Split extends Undo {
  /**
   * Names of hosts that see each other. A bridge is in both groups. A ring has one group for each host: the host
   * first, then those that it sees.
   */
  readonly groups: readonly (readonly string[])[]
}

/** Which hosts see each other, by their names. */
export interface Parts {
  readonly groups: readonly (readonly string[])[]
  /** @returns whether frames from one host to another are lost; with `oneWay`, those to a later group alone */
  cuts(from: string, to: string, oneWay: boolean): boolean
}

const KINDS: readonly unknown[] = ['isolate', 'majority', 'bridge', 'ring', 'random'] satisfies SplitKind[]
/** The fewest hosts of a ring. With fewer, each would see all. */
const LEAST_RING = 4

/** @throws NetworkerError `INVALID_OPTION` */
export function checkSplitOptions(options: SplitOptions): void {
  checkOptions<SplitOptions>(
    options,
    { host: 'any', mode: 'any', oneWay: 'boolean' },
    { what: 'the options of split()' }
  )
}

/** @throws NetworkerError `INVALID_OPTION`, also when there are too few hosts for it */
export function partsOf(
  how: SplitKind | readonly Selector[],
  hosts: readonly Host[],
  { host, oneWay = false }: SplitOptions,
  random: Random
): Parts {
  if (Array.isArray(how)) return new Groups(how.map((one: Selector) => namesOf(one, hosts)))
  if (!KINDS.includes(how)) {
    throw invalidOption(`split takes one of ${KINDS.join(', ')}, or a list of groups, got ${how}`)
  }
  const names = random.shuffle(hosts.map(({ name }) => name))
  const least = how === 'ring' ? LEAST_RING : how === 'bridge' ? 3 : 2
  if (names.length < least)
    throw invalidOption(`'${how}' takes ${least} hosts or more, there are ${names.length}`)
  if (how === 'ring') {
    if (oneWay) throw invalidOption("a 'ring' is two-way; leave oneWay out")
    return new Ring(names)
  }
  const named = host === undefined ? names.slice(0, 1) : namesOf(host, hosts)
  const others = names.filter((name) => !named.includes(name))
  if (how === 'isolate') return new Groups([named, others])
  if (how === 'bridge')
    return new Groups(halves(others, others.length / 2).map((half) => [...half, ...named]))
  if (how === 'majority') return new Groups(halves(names, Math.min(names.length / 2 + 1, names.length - 1)))
  return new Groups(coinToss(names, random))
}

export function splitFault(parts: Parts, { mode, oneWay = false }: SplitOptions): InjectedFault {
  const who = parts.groups.map((group) => group.join(', ')).join(' | ')
  const applies = (from: Host, to: Host) => from !== to && parts.cuts(from.name, to.name, oneWay)
  return { kind: 'split', who, stops: toPartitionMode(mode), applies }
}

/** Two hosts see each other when they share a group. A host that is in no group sees all, and all see it. */
class Groups implements Parts {
  readonly groups: readonly (readonly string[])[]
  readonly #numbers = new Map<string, Set<number>>()

  constructor(groups: readonly (readonly string[])[]) {
    if (groups.length < 2 || groups.some(({ length }) => length === 0)) {
      throw invalidOption('a split takes two groups or more, each with somebody in it')
    }
    this.groups = groups
    for (const [number, group] of groups.entries()) {
      for (const name of group) {
        this.#numbers.set(name, (this.#numbers.get(name) ?? new Set()).add(number))
      }
    }
  }

  cuts(from: string, to: string, oneWay: boolean): boolean {
    const [ours, theirs] = [this.#numbers.get(from), this.#numbers.get(to)]
    if (!ours || !theirs) return false
    for (const number of ours) if (theirs.has(number)) return false
    return !oneWay || Math.min(...ours) < Math.min(...theirs)
  }
}

/** In a ring each host sees its neighbours on both sides, as few as make a majority together with it. */
class Ring implements Parts {
  readonly groups: readonly (readonly string[])[]
  readonly #places: ReadonlyMap<string, number>
  readonly #reach: number

  constructor(names: readonly string[]) {
    this.#places = new Map(names.map((name, place) => [name, place]))
    this.#reach = Math.ceil(Math.floor(names.length / 2) / 2)
    this.groups = names.map((name) => [name, ...names.filter((to) => to !== name && !this.cuts(name, to))])
  }

  cuts(from: string, to: string): boolean {
    const [here, there] = [this.#places.get(from), this.#places.get(to)]
    if (here === undefined || there === undefined) return false
    const distance = Math.abs(here - there)
    return Math.min(distance, this.#places.size - distance) > this.#reach
  }
}

function halves(names: readonly string[], size: number): [string[], string[]] {
  return [names.slice(0, size), names.slice(size)]
}

/** Neither side is empty: that would be no split. */
function coinToss(names: readonly string[], random: Random): [string[], string[]] {
  const [first, second, ...rest] = names as [string, string, ...string[]]
  const sides: [string[], string[]] = [[first], [second]]
  for (const name of rest) sides[random.below(2)]!.push(name)
  return sides
}

function namesOf(selector: Selector, hosts: readonly Host[]): string[] {
  return hosts.filter((host) => matches(selector, host)).map(({ name }) => name)
}
