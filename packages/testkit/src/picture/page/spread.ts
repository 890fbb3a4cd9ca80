import { BUCKETS, type PictureData } from '../data.js'

/** How many blocks of a core, or of all cores, each peer had at the end of each bucket. */
export interface Spread {
  /** Blocks by peer and bucket. The index is peer × {@link BUCKETS} + bucket. */
  readonly blocks: Float64Array
  /** The greatest length that any peer knew of, by bucket; for all cores, their sum. */
  readonly length: Float64Array
}

/** @param core the index of a core, or -1 for all cores together */
export function spreadOf({ blocks: rows, peers, cores }: PictureData, core: number): Spread {
  const blocks = new Float64Array(peers.length * BUCKETS)
  const length = new Float64Array(BUCKETS)
  const lengths = new Float64Array(cores.length)
  const had = new Map<number, number>()
  const sums = new Float64Array(peers.length)
  let total = 0
  let row = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    for (; row < rows.bucket.length && rows.bucket[row]! <= bucket; row++) {
      const which = rows.core[row]!
      if (core !== -1 && which !== core) continue
      const key = rows.peer[row]! * cores.length + which
      sums[rows.peer[row]!]! += rows.blocks[row]! - (had.get(key) ?? 0)
      had.set(key, rows.blocks[row]!)
      const longer = Math.max(0, rows.length[row]! - lengths[which]!)
      lengths[which]! += longer
      total += longer
    }
    length[bucket] = total
    for (let peer = 0; peer < peers.length; peer++) blocks[peer * BUCKETS + bucket] = sums[peer]!
  }
  return { blocks, length }
}

/** The share of the blocks that a peer has, from 0 to 1. */
export function share({ blocks, length }: Spread, peer: number, bucket: number): number {
  return length[bucket] === 0 ? 0 : Math.min(1, blocks[peer * BUCKETS + bucket]! / length[bucket]!)
}

/** The bucket in which a peer first had all blocks of the final length; infinity when it never had. */
export function completeAt(spread: Spread, peer: number): number {
  const last = BUCKETS - 1
  if (share(spread, peer, last) < 1) return Number.POSITIVE_INFINITY
  let bucket = last
  while (bucket > 0 && share(spread, peer, bucket - 1) === 1) bucket--
  return bucket
}
