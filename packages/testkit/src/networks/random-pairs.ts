import { Random } from '@basestore/transport-memory'
import { type Pair, pairId } from './pair.js'

/** How often each link is swapped. Some swaps are not possible; the rest leave nothing of the ring they begin with. */
const ROUNDS = 10

/**
 * Draws a network by a seed, in which each peer has the same number of links and can reach all others. It begins with
 * a regular network, and lets two links at a time exchange their ends. A round that leaves peers out of reach is
 * undone.
 *
 * @param degree the number of links of each peer, from 2 on (1 for two peers) and below the count
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

/** Each peer to its nearest on a ring. With an odd degree, also to the peer on the opposite side. */
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
  const linked = new Set(pairs.map((pair) => pairId(...pair)))
  for (const i of pairs.keys()) {
    const j = random.below(pairs.length)
    const [[a, b], [c, d]] = [pairs[i]!, pairs[j]!]
    const swapped: [Pair, Pair] = [
      [a, d],
      [c, b]
    ]
    if (new Set([a, b, c, d]).size < 4 || swapped.some((pair) => linked.has(pairId(...pair)))) continue
    for (const pair of [pairs[i]!, pairs[j]!]) linked.delete(pairId(...pair))
    for (const pair of swapped) linked.add(pairId(...pair))
    pairs[i] = swapped[0]
    pairs[j] = swapped[1]
  }
  return pairs
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
