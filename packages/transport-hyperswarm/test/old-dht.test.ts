import { ownAddress } from '@basestore/testnet'
import OldDHT from '@hyperswarm/dht'
import DHT from 'hyperdht'
import { expect, test } from 'vitest'
import { hyperswarm } from '../src/index.js'
import { BOTH, createHost, randomTopic } from './network.js'

test('runs on @hyperswarm/dht, meets hyperdht there, and cannot suspend', async () => {
  const host = ownAddress()
  const nodes: OldDHT[] = []
  const stops: (() => Promise<unknown>)[] = []
  try {
    for (let i = 0; i < 10; i++) {
      const bootstrap = nodes.slice(0, 1).map((node) => ({ host, port: node.address().port }))
      const node = new OldDHT({ ephemeral: false, firewalled: false, bootstrap, host })
      nodes.push(node)
      await node.fullyBootstrapped()
    }
    const bootstrap = [{ host, port: nodes[0]!.address().port }]
    const topic = randomTopic()
    const networkers = await Promise.all(
      [OldDHT, OldDHT, DHT].map(async (AnyDHT) => {
        const dht = new AnyDHT({ ephemeral: true, bootstrap, host })
        await stopsAtOnce(dht)
        const networker = createHost()
        const transport = hyperswarm({ dht })
        await transport.start(networker)
        stops.push(async () => {
          networker.close()
          await transport.stop()
          expect(dht.listening.size).toBe(0)
          await dht.destroy()
        })
        const suspends = AnyDHT === DHT
        expect([typeof transport.suspend, typeof transport.resume]).toEqual(
          suspends ? ['function', 'function'] : ['undefined', 'undefined']
        )
        transport.join(topic, BOTH)
        return networker
      })
    )
    for (const networker of networkers) {
      for (const other of networkers) {
        if (other !== networker) await networker.connectionTo(other.keyPair.publicKey)
      }
      expect(networker.breaches).toEqual([])
    }
  } finally {
    await Promise.all(stops.map((stop) => stop()))
    for (const node of nodes) await node.destroy()
  }
})

async function stopsAtOnce(dht: DHT | OldDHT): Promise<void> {
  const transport = hyperswarm({ dht })
  await transport.start(createHost())
  await transport.stop()
  await new Promise(setImmediate)
  expect(dht.listening.size).toBe(0)
}
