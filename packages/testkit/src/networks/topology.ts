import { inspect } from 'node:util'
import { NetworkerError } from '@basestore/networker'
import { randomPairs } from './random-pairs.js'

/**
 * Who is connected to whom, in the order of the names:
 *
 * - `'line'`: each to the next
 * - `'ring'`: a line whose last is connected to the first
 * - `'star'`: the first to all others
 * - `'full'`: each to each
 * - `{ random: degree }`: each to so many others, drawn by the seed, and all within reach of all. Where degree and
 *   the number of peers are both odd, that cannot be: the last has one less
 * - a list of pairs: these. An empty one connects nobody
 */
export type Topology<Name extends string = string> =
  | 'line'
  | 'ring'
  | 'star'
  | 'full'
  | { readonly random: number }
  | readonly (readonly [Name, Name])[]

/** Two peers by their index. The first dials. */
export type Pair = readonly [number, number]

const SHAPES: Record<string, (count: number) => Pair[]> = { line, ring, star, full }

/** @throws NetworkerError `INVALID_OPTION` */
export function toPairs(topology: Topology, names: readonly string[], seed: number | string): Pair[] {
  if (typeof topology === 'string') {
    const shape = Object.hasOwn(SHAPES, topology) ? SHAPES[topology] : undefined
    if (shape) return shape(names.length)
  } else if (isList(topology)) {
    if (topology.every(isPair)) return distinct(topology.map(([a, b]) => toPair(names, a, b)))
  } else if (typeof topology?.random === 'number') {
    return random(names.length, topology.random, seed)
  }
  throw new NetworkerError(
    'INVALID_OPTION',
    `topology is 'line', 'ring', 'star', 'full', { random: degree } or a list of pairs, not ${inspect(topology)}`
  )
}

/** @throws NetworkerError `INVALID_OPTION` when a name is not one of the group's, or both are one. */
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
  const least = Math.min(2, count - 1) // with one link each, three are never all within reach
  if (Number.isInteger(degree) && degree >= least && degree < count) return randomPairs(count, degree, seed)
  throw new NetworkerError(
    'INVALID_OPTION',
    `random is the number of links of each of ${count} peers, from ${least} to ${count - 1}, not ${degree}`
  )
}

function distinct(pairs: readonly Pair[]): Pair[] {
  return [...new Map(pairs.map((pair) => [[...pair].sort().join(), pair])).values()]
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
