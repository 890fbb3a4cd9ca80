import { type CreateNetworkersOptions, createNetworkers } from '@basestore/testkit'
import { createTestnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { MemoryNetwork } from '@basestore/transport-memory'

/** A network on which networkers find each other. The same tests run on each kind. */
export interface TestNetwork {
  create<N extends number>(
    count: N,
    options?: Pick<CreateNetworkersOptions, 'networker'>
  ): ReturnType<typeof createNetworkers<N>>
  close(): Promise<void>
}

async function memory(): Promise<TestNetwork> {
  const network = new MemoryNetwork({ seed: 1 })
  return {
    create: (count, options) => createNetworkers(count, { ...options, network }),
    close: async () => {}
  }
}

/** Hyperswarm over real UDP on loopback. */
export async function localDht(): Promise<TestNetwork> {
  const testnet = await createTestnet()
  return {
    create: (count, options) =>
      createNetworkers(count, { ...options, transports: () => [hyperswarm({ dht: testnet.createNode() })] }),
    close: () => testnet.destroy()
  }
}

export const networks: readonly [name: string, open: () => Promise<TestNetwork>][] = [
  ['in memory', memory],
  ['over Hyperswarm', localDht]
]
