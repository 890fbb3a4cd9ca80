import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import type Corestore from 'corestore'
import type HyperDHT from 'hyperdht'
import type { Duplex } from 'streamx'
import type { SwarmPeer } from '../swarm-peer.js'

/** The networker over Hyperswarm. */
export function ourPeer(store: Corestore, dht: HyperDHT): SwarmPeer & { readonly networker: Networker } {
  const networker = new Networker(store, { transports: [hyperswarm({ dht })] })
  return {
    networker,
    join: (topic, options) => networker.configure(topic, options),
    get connections() {
      return networker.peers.size
    },
    onconnection(listener) {
      networker.on('peer-add', ({ stream }) => listener(stream as unknown as Duplex))
    },
    close: () => networker.close()
  }
}
