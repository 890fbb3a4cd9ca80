import { inspect } from 'node:util'
import { Networker, type Transport } from '@basestore/networker'
import { createNetworkers, waitForPeers } from '@basestore/testkit'
import { createTestnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { MemoryNetwork } from '@basestore/transport-memory'
import { expect, it } from 'vitest'

const DEEP = { depth: 30, maxArrayLength: null, maxStringLength: null }
const TOPIC = Buffer.alloc(32, 7)

/** Whether a log of a value would have the networker's secret key. The second half of its 64 bytes is public. */
function tellsSecret(value: unknown, { keyPair }: Networker): boolean {
  const bytes = Buffer.from(keyPair.secretKey).toString('hex', 0, 16).match(/../g)!
  const text = inspect(value, DEEP)
  return [bytes.join(' '), bytes.join('')].some((form) => text.includes(form))
}

it('would see a secret key in a log', () => {
  const networker = new Networker({ replicate() {} }, { transports: [new MemoryNetwork().transport()] })
  expect(tellsSecret({ deep: [networker.keyPair] }, networker)).toBe(true)
})

it.each<[string, () => Promise<{ transports: () => Transport; shown: unknown[]; close(): Promise<void> }>]>([
  [
    'the memory network',
    async () => {
      const network = new MemoryNetwork()
      return { transports: () => network.transport(), shown: [network], close: async () => {} }
    }
  ],
  [
    'Hyperswarm',
    async () => {
      const testnet = await createTestnet()
      const transports = () => hyperswarm({ dht: testnet.createNode() })
      return { transports, shown: [], close: () => testnet.destroy() }
    }
  ]
])('no log of what a networker over %s holds or tells has its secret key', async (_, open) => {
  const { transports, shown, close } = await open()
  const used: Transport[] = []
  try {
    await using group = await createNetworkers(2, {
      transports: () => {
        const transport = transports()
        used.push(transport)
        return [transport]
      }
    })
    const [a, b] = group.networkers
    a.on('fault', (error) => shown.push(error))
    a.on('peer-add', (peer) => shown.push(peer, peer.stream))
    await Promise.all([a.configure(TOPIC), b.configure(TOPIC)])
    await waitForPeers(a, 1)
    shown.push(
      a,
      group.peers.a,
      a.streams,
      ...used,
      ...used.map((transport) => (transport as { swarm?: object }).swarm)
    )
    shown.push(await a.connect(Buffer.alloc(32, 9)).catch((error: unknown) => error))
    for (const value of shown) expect(tellsSecret(value, a)).toBe(false)
  } finally {
    await close()
  }
})
