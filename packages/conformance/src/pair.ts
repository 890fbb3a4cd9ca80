import type { Peer } from './peer.js'
import type { RecordedConnection } from './recorded-connection.js'

/** Two peers, and both ends of one connection between them. */
export interface Pair {
  readonly a: Peer
  readonly b: Peer
  /** A's end. */
  readonly near: RecordedConnection
  /** B's end. */
  readonly far: RecordedConnection
}

/** The connections between two peers that are open at both ends. */
export function pairs(a: Peer, b: Peer): Pair[] {
  return a.connections.flatMap((near) => {
    const far = b.connections.find(({ id }) => id === near.id)
    return far ? [{ a, b, near, far }] : []
  })
}
