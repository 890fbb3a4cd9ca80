import { createHash } from 'node:crypto'
import type { Pair } from './topology.js'

/** Swaps for each link. Some are not possible; what is left is plenty to forget the order they began with. */
const SWAPS = 10

/**
 * A network in which all are within reach of all and each has as many links, drawn by a seed: a regular one, in
 * which two links at a time exchange their ends as long as that keeps it in one piece.
 *
 * @param degree the links of each, from 2 on (1 for two peers) and below the count
 */
export function randomPairs(count: number, degree: number, seed: number | string): Pair[] {
  const pairs = regularPairs(count, degree)
  const below = numbers(seed)
  for (let swap = 0; swap < pairs.length * SWAPS; swap++) {
    const [i, j] = [below(pairs.length), below(pairs.length)]
    const [before, other] = [pairs[i]!, pairs[j]!]
    if (new Set([...before, ...other]).size < 4) continue
    pairs[i] = [before[0], other[1]]
    pairs[j] = [other[0], before[1]]
    if (isSimple(pairs, i, j) && isConnected(pairs, count)) continue
    pairs[i] = before
    pairs[j] = other
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

function isSimple(pairs: readonly Pair[], ...changed: number[]): boolean {
  return changed.every((index) => {
    const [a, b] = pairs[index]!
    return pairs.filter((pair) => pair.includes(a) && pair.includes(b)).length === 1
  })
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

/** Whole numbers below a limit, the same for the same seed. */
function numbers(seed: number | string): (limit: number) => number {
  let drawn = 0
  return (limit) => createHash('sha256').update(`${seed}/${drawn++}`).digest().readUInt32BE() % limit
}
