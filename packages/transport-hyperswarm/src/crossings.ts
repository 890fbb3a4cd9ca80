import type { Connection, Swarm } from './swarm.js'

/**
 * Lets in a peer that we are dialling, so that the networker chooses between the two connections and takes one that
 * works. Hyperswarm chooses by the keys alone. When HyperDHT loses the chosen connection, none is left:
 *
 *   A  dial ──────── refuses B's ─ opens, but B has dropped its end
 *   B     dial ─ opens ─── reset by A
 */
export function keepCrossings({ server, _allConnections: listed }: Swarm): void {
  /** Dials of ours whose place in Hyperswarm's list, which has one for each peer, an inbound connection took. */
  const displaced = new Set<Connection>()
  const ofEach = listed[Symbol.iterator].bind(listed)
  listed[Symbol.iterator] = () => [...ofEach(), ...displaced].values()

  // Prepended, so that it runs before Hyperswarm's own listeners.
  server.prependListener('connection', (inbound) => {
    const key = inbound.remotePublicKey
    const dial = listed.get(key)
    if (!dial?.isInitiator) return
    listed.delete(dial)
    displaced.add(dial)
    dial.once('close', () => displaced.delete(dial))
    inbound.once('close', () => {
      if (listed.get(key) === inbound && displaced.delete(dial)) listed.add(dial)
    })
  })
}
