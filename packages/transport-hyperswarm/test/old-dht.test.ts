import OldDHT from '@hyperswarm/dht'
import DHT from 'hyperdht'
import { expect, test } from 'vitest'
import { hyperswarm } from '../src/index.js'
import { FakeHost } from './host.js'
import { BOTH, randomTopic } from './network.js'

test('runs on @hyperswarm/dht, meets hyperdht there, and cannot suspend', async () => {
  const nodes: OldDHT[] = []
  const stops: (() => Promise<unknown>)[] = []
  try {
    for (let i = 0; i < 10; i++) {
      const bootstrap = nodes.slice(0, 1).map((node) => ({ host: '127.0.0.1', port: node.address().port }))
      const node = new OldDHT({ ephemeral: false, firewalled: false, bootstrap, host: '127.0.0.1' })
      nodes.push(node)
      await node.fullyBootstrapped()
    }
    const bootstrap = [{ host: '127.0.0.1', port: nodes[0]!.address().port }]
    const topic = randomTopic()
    const hosts = await Promise.all(
      [OldDHT, OldDHT, DHT].map(async (AnyDHT) => {
        const dht = new AnyDHT({ ephemeral: true, bootstrap, host: '127.0.0.1' })
        await stopsAtOnce(dht)
        const host = new FakeHost()
        const transport = hyperswarm({ dht })
        await transport.start(host)
        stops.push(async () => {
          host.close()
          await transport.stop()
          expect(dht.listening.size).toBe(0)
          await dht.destroy()
        })
        const suspends = AnyDHT === DHT
        expect([typeof transport.suspend, typeof transport.resume]).toEqual(
          suspends ? ['function', 'function'] : ['undefined', 'undefined']
        )
        transport.join(topic, BOTH)
        return host
      })
    )
    for (const host of hosts) {
      for (const other of hosts) if (other !== host) await host.peer(other.keyPair.publicKey)
      expect(host.breaches).toEqual([])
    }
  } finally {
    await Promise.all(stops.map((stop) => stop()))
    for (const node of nodes) await node.destroy()
  }
})

async function stopsAtOnce(dht: DHT | OldDHT): Promise<void> {
  const transport = hyperswarm({ dht })
  await transport.start(new FakeHost())
  await transport.stop()
  await new Promise(setImmediate)
  expect(dht.listening.size).toBe(0)
}
