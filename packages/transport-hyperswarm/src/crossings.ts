import type { Connection, Swarm } from './swarm.js'

/**
 * Lets a peer in that we dial, too, and leaves the choice to the networker, which takes one that carries. Hyperswarm
 * chooses by the keys alone, and when HyperDHT loses that one, none is left:
 *
 *   A  dial ──────── refuses B's ─ opens, but B has dropped its end
 *   B     dial ─ opens ─── reset by A
 */
export function keepCrossings({ server, _allConnections: listed }: Swarm): void {
  /** Our dials, where another connection has the one place that Hyperswarm has for a peer. */
  const displaced = new Set<Connection>()
  const ofEach = listed[Symbol.iterator].bind(listed)
  listed[Symbol.iterator] = () => [...ofEach(), ...displaced].values()

  // Before Hyperswarm's own listeners, here and on the connection.
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
