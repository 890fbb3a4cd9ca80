import { Random } from '@basestore/transport-memory'
import type { Pair } from './topology.js'

/** Rounds in which each link is swapped once. Some swaps are not possible; what is left is plenty to forget the ring. */
const ROUNDS = 10

/**
 * A network in which all are within reach of all and each has as many links, drawn by a seed: a regular one, in
 * which two links at a time exchange their ends. A round after which it is not in one piece any more is undone.
 *
 * @param degree the links of each, from 2 on (1 for two peers) and below the count
 */
export function randomPairs(count: number, degree: number, seed: number | string): Pair[] {
  const random = new Random(`${seed}/topology`)
  let pairs = regularPairs(count, degree)
  for (let round = 0; round < ROUNDS; round++) {
    const swapped = swapEnds(pairs, random)
    if (isConnected(swapped, count)) pairs = swapped
  }
  return pairs
}

/** Each to its nearest on a ring; with an odd degree to the one opposite too. */
function regularPairs(count: number, degree: number): Pair[] {
  const pairs: Pair[] = []
  for (let offset = 1; offset <= Math.floor(degree / 2); offset++) {
    for (let i = 0; i < count; i++) pairs.push([i, (i + offset) % count])
  }
  const half = Math.floor(count / 2)
  if (degree % 2 === 1) for (let i = 0; i < half; i++) pairs.push([i, i + half])
  return pairs
}

function swapEnds(before: readonly Pair[], random: Random): Pair[] {
  const pairs = [...before]
  const linked = new Set(pairs.map(idOf))
  for (const i of pairs.keys()) {
    const j = random.below(pairs.length)
    const [[a, b], [c, d]] = [pairs[i]!, pairs[j]!]
    const swapped: [Pair, Pair] = [
      [a, d],
      [c, b]
    ]
    if (new Set([a, b, c, d]).size < 4 || swapped.some((pair) => linked.has(idOf(pair)))) continue
    for (const pair of [pairs[i]!, pairs[j]!]) linked.delete(idOf(pair))
    for (const pair of swapped) linked.add(idOf(pair))
    pairs[i] = swapped[0]
    pairs[j] = swapped[1]
  }
  return pairs
}

function idOf([a, b]: Pair): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

function isConnected(pairs: readonly Pair[], count: number): boolean {
  const neighbours = Array.from({ length: count }, (): number[] => [])
  for (const [a, b] of pairs) {
    neighbours[a]!.push(b)
    neighbours[b]!.push(a)
  }
  const reached = new Set([0])
  for (const peer of reached) for (const neighbour of neighbours[peer]!) reached.add(neighbour)
  return reached.size === count
}
