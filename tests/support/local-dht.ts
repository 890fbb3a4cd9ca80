import { createTestnet, type Testnet } from '@basestore/testnet'
import type HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'

/** The options of Hyperswarm that tests use. */
export interface SwarmOptions {
  dht?: HyperDHT
  maxPeers?: number
  maxParallel?: number
  maxServerConnections?: number
  /** Hyperswarm supports no promise here: tests show what it does with one. */
  firewall?: (remotePublicKey: Uint8Array) => boolean | Promise<boolean>
}

/** Hyperswarm with its counters, which its types leave out. */
export type Swarm = Hyperswarm & {
  readonly stats: {
    readonly bannedPeers: number
    readonly connects: { readonly client: Readonly<Record<'attempted' | 'opened' | 'closed', number>> }
  }
}

/** A DHT on loopback, apart from all others. */
export interface LocalDht {
  readonly bootstrap: Testnet['bootstrap']
  node: Testnet['createNode']
  /** Makes a swarm, with its own node unless one is passed in. Its connections have error listeners. */
  swarm(options?: SwarmOptions): Swarm
}

/** Makes a DHT for as long as `use` runs, then ends every swarm and node that was made with it. */
export async function withLocalDht<T>(use: (dht: LocalDht) => Promise<T>): Promise<T> {
  const testnet = await createTestnet()
  const swarms: Swarm[] = []
  try {
    return await use({
      bootstrap: testnet.bootstrap,
      node: testnet.createNode,
      swarm: ({ dht = testnet.createNode(), ...options } = {}) => {
        const swarm = new Hyperswarm({ dht, ...options }) as Swarm
        // An error without a listener ends the process.
        swarm.on('connection', (connection) => connection.on('error', () => {}))
        swarms.push(swarm)
        return swarm
      }
    })
  } finally {
    // By force: the announcements die with the DHT, so none has to be taken back.
    await Promise.all(swarms.map((swarm) => swarm.destroy({ force: true })))
    await testnet.destroy()
  }
}
