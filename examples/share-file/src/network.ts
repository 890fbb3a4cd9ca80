import { Networker, type Store } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import DHT from 'hyperdht'

export interface Network {
  readonly networker: Networker
  close(): Promise<void>
}

/** @param bootstrap nodes of the DHT, `host:port`; none for the public DHT */
export function openNetwork(store: Store, bootstrap: readonly string[]): Network {
  const dht = bootstrap.length > 0 && bootstrap.every(isLoopback) ? loopbackNode(bootstrap) : null
  const options = dht ? { dht } : bootstrap.length > 0 ? { bootstrap } : {}
  const networker = new Networker(store, { transports: [hyperswarm(options)] })
  return {
    networker,
    async close() {
      await networker.close()
      await dht?.destroy()
    }
  }
}

/**
 * A node of a DHT on this machine, bound to the DHT's address. Bound to another address it would look like a node of
 * another machine, and in so small a DHT its connections would open on one side only.
 */
function loopbackNode(bootstrap: readonly string[]): DHT {
  const [host = ''] = bootstrap[0]!.replace('localhost', '127.0.0.1').split(':')
  return new DHT({ bootstrap, host, ephemeral: true })
}

function isLoopback(node: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+):\d+$/.test(node)
}
