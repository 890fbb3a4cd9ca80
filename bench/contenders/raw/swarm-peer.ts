import type Corestore from 'corestore'
import type HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import type { Duplex } from 'streamx'
import type { SwarmPeer } from '../swarm-peer.js'

/** Hyperswarm and Corestore, wired as their READMEs do. */
export function rawPeer(store: Corestore, dht: HyperDHT): SwarmPeer & { readonly swarm: Hyperswarm } {
  const swarm = new Hyperswarm({ dht })
  swarm.on('connection', (connection: Duplex) => {
    connection.on('error', () => {}) // without a listener, the process ends when the remote resets
    store.replicate(connection)
  })
  return {
    swarm,
    async join(topic, { announce, lookup, flush }) {
      const session = swarm.join(topic, { server: announce, client: lookup })
      if (!flush) return
      if (announce) await session.flushed()
      if (lookup) await swarm.flush()
    },
    get connections() {
      return swarm.connections.size
    },
    onconnection(listener) {
      swarm.on('connection', listener)
    },
    close: () => swarm.destroy()
  }
}
