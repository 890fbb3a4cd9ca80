import DHT from 'hyperdht'
import { expect, test } from 'vitest'
import { hyperswarm } from '../src/index.js'
import { BOTH, createHost, LOOKUP, randomTopic } from './network.js'

test('without a network a flush of a lookup resolves, and there is a fault', async () => {
  // No node answers there. The DHT takes 6 s to be sure.
  await failed(new DHT({ bootstrap: ['127.0.0.1:1'], host: '127.0.0.1' }), LOOKUP, 'to look up')
})

test('on a destroyed DHT a flush of an announcement resolves, and there is a fault', async () => {
  const dht = new DHT({ bootstrap: ['127.0.0.1:1'], host: '127.0.0.1' })
  await dht.destroy()
  await failed(dht, BOTH, 'to announce and look up')
})

test('a stop without a network does not wait to unannounce, since no node holds an announcement', async () => {
  const [host, transport] = [createHost(), hyperswarm({ bootstrap: ['127.0.0.1:1'] })]
  await transport.start(host)
  transport.join(randomTopic(), BOTH)
  await new Promise((resolve) => setImmediate(resolve)) // the query runs
  const begin = performance.now()
  host.close()
  await transport.stop()
  expect(performance.now() - begin).toBeLessThan(3_000) // to unannounce would take 5 s
})

async function failed(dht: DHT, mode: typeof BOTH, what: string): Promise<void> {
  const [topic, host, transport] = [randomTopic(), createHost(), hyperswarm({ dht })]
  try {
    await transport.start(host)
    transport.join(topic, mode)
    await transport.flush(topic, new AbortController())
    expect(host.faults).toContainEqual(
      expect.objectContaining({
        code: 'CONNECT_FAILED',
        transport: 'hyperswarm',
        message: expect.stringContaining(`${what} ${topic.toString('hex')}`)
      })
    )
  } finally {
    host.close()
    await transport.stop()
    await dht.destroy()
  }
}
