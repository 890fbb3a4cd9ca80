import { createTestnet, type Testnet } from '@basestore/testnet'
import type HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'

/** Those of Hyperswarm's options that tests set. */
export interface SwarmOptions {
  dht?: HyperDHT
  maxPeers?: number
  maxParallel?: number
  maxServerConnections?: number
  /** Its promise is what the tests of it are about; Hyperswarm itself knows none. */
  firewall?: (remotePublicKey: Uint8Array) => boolean | Promise<boolean>
}

/** Hyperswarm with the counters that it keeps. */
export type Swarm = Hyperswarm & {
  readonly stats: {
    readonly bannedPeers: number
    readonly connects: { readonly client: Readonly<Record<'attempted' | 'opened' | 'closed', number>> }
  }
}

/** A DHT on loopback that knows no other. */
export interface LocalDht {
  readonly bootstrap: Testnet['bootstrap']
  node: Testnet['createNode']
  /** A swarm with a node of its own, unless one is passed in. Its connections have error listeners. */
  swarm(options?: SwarmOptions): Swarm
}

/** Hands a DHT to `use`, then ends every swarm and node that was made with it. */
export async function withLocalDht<T>(use: (dht: LocalDht) => Promise<T>): Promise<T> {
  const testnet = await createTestnet()
  const swarms: Swarm[] = []
  try {
    return await use({
      bootstrap: testnet.bootstrap,
      node: testnet.createNode,
      swarm: ({ dht = testnet.createNode(), ...options } = {}) => {
        const swarm = new Hyperswarm({ dht, ...options }) as Swarm
        // An error that nobody listens to ends the process.
        swarm.on('connection', (connection) => connection.on('error', () => {}))
        swarms.push(swarm)
        return swarm
      }
    })
  } finally {
    // By force: what a swarm has announced dies with the DHT, so there is nothing to take back.
    await Promise.all(swarms.map((swarm) => swarm.destroy({ force: true })))
    await testnet.destroy()
  }
}
