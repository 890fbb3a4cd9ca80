import { type Connection, hex, type Swarm } from './swarm.js'

/**
 * Lets in a peer that is connected, or that we are dialling, so that the networker chooses between the two connections
 * and takes one that works. Hyperswarm chooses by the keys alone. When HyperDHT loses the chosen connection, none is
 * left:
 *
 *   A  dial ──────── refuses B's ─ opens, but B has dropped its end
 *   B     dial ─ opens ─── reset by A
 *
 * And of two programs with one key, Hyperswarm ends the connection of the one that came first, which then comes again
 * and has that of the other one ended, without end.
 */
export function keepCrossings({ server, _allConnections: listed }: Swarm): void {
  /** Connections whose place in Hyperswarm's list, which has one for each peer, an inbound connection took. */
  const displaced = new Map<string, Connection>()
  const ofEach = listed[Symbol.iterator].bind(listed)
  listed[Symbol.iterator] = () => [...ofEach(), ...displaced.values()].values()

  // Prepended, so that it runs before Hyperswarm's own listeners.
  server.prependListener('connection', (inbound) => {
    const key = inbound.remotePublicKey
    const id = hex(key)
    const known = listed.get(key)
    if (!known || displaced.has(id)) return // of more than two, Hyperswarm ends one
    listed.delete(known)
    displaced.set(id, known)
    known.once('close', () => {
      if (displaced.get(id) === known) displaced.delete(id)
    })
    inbound.once('close', () => {
      if (listed.get(key) !== inbound || displaced.get(id) !== known) return
      displaced.delete(id)
      listed.add(known)
    })
  })
}
