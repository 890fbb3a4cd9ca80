import { inspect } from 'node:util'
import { NetworkerError } from '@basestore/networker'
import { type Pair, pairId } from './pair.js'
import { randomPairs } from './random-pairs.js'

/**
 * Which peers are connected, by the order of their names:
 *
 * - `'line'`: each peer to the next one
 * - `'ring'`: a line whose last peer is connected to the first
 * - `'star'`: the first peer to all others
 * - `'full'`: each peer to each other one
 * - `{ random: degree }`: each peer to `degree` others, drawn by the seed. Every peer can be reached from every other.
 *   When the degree and the number of peers are both odd, the last peer has one link less
 * - a list of pairs: these. An empty list connects nobody
 */
export type Topology<Name extends string = string> =
  | 'line'
  | 'ring'
  | 'star'
  | 'full'
  | { readonly random: number }
  | readonly (readonly [Name, Name])[]

const SHAPES: Record<string, (count: number) => Pair[]> = { line, ring, star, full }

/** @throws NetworkerError `INVALID_OPTION` */
export function toPairs(topology: Topology, names: readonly string[], seed: number | string): Pair[] {
  if (typeof topology === 'string') {
    const shape = Object.hasOwn(SHAPES, topology) ? SHAPES[topology] : undefined
    if (shape) return shape(names.length)
  } else if (isList(topology)) {
    if (topology.every(isPair)) return distinct(topology.map(([a, b]) => toPair(names, a, b)))
  } else if (typeof topology?.random === 'number' && Object.keys(topology).length === 1) {
    return random(names.length, topology.random, seed)
  }
  throw new NetworkerError(
    'INVALID_OPTION',
    `topology is 'line', 'ring', 'star', 'full', { random: degree } or a list of pairs, not ${inspect(topology)}`
  )
}

/** @throws NetworkerError `INVALID_OPTION` when a name is not one of the group's, or when both names are the same */
export function toPair(names: readonly string[], a: string, b: string): Pair {
  const pair = [toIndex(names, a), toIndex(names, b)] as const
  if (pair[0] !== pair[1]) return pair
  throw new NetworkerError('INVALID_OPTION', `'${a}' cannot be linked to itself`)
}

/** @throws NetworkerError `INVALID_OPTION` */
export function toIndex(names: readonly string[], name: string): number {
  const index = names.indexOf(name)
  if (index >= 0) return index
  throw new NetworkerError('INVALID_OPTION', `no peer is called '${name}', there are ${names.join(', ')}`)
}

function line(count: number): Pair[] {
  return range(count - 1).map((i) => [i, i + 1])
}

function ring(count: number): Pair[] {
  return count > 2 ? [...line(count), [count - 1, 0]] : line(count)
}

function star(count: number): Pair[] {
  return range(count - 1).map((i) => [0, i + 1])
}

function full(count: number): Pair[] {
  return range(count).flatMap((i) => range(i).map((j): Pair => [j, i]))
}

function random(count: number, degree: number, seed: number | string): Pair[] {
  if (count < 2) return []
  const least = Math.min(2, count - 1) // with one link each, three peers cannot all reach each other
  if (Number.isInteger(degree) && degree >= least && degree < count) return randomPairs(count, degree, seed)
  throw new NetworkerError(
    'INVALID_OPTION',
    `random is the number of links of each of ${count} peers, from ${least} to ${count - 1}, not ${degree}`
  )
}

function distinct(pairs: readonly Pair[]): Pair[] {
  return [...new Map(pairs.map((pair) => [pairId(...pair), pair])).values()]
}

function range(count: number): number[] {
  return Array.from({ length: Math.max(count, 0) }, (_, index) => index)
}

function isPair(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2
}

function isList(topology: Topology): topology is readonly (readonly [string, string])[] {
  return Array.isArray(topology)
}
