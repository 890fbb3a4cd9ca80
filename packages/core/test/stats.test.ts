import { randomBytes } from 'node:crypto'
import promClient from 'prom-client'
import { expect, it } from 'vitest'
import { Networker } from '../src/index.js'
import { FakeTransport, fakeStore, newKeyPair, topic } from './support.js'

function make(firewall?: (key: Uint8Array) => boolean) {
  const transport = new FakeTransport()
  const options = firewall ? { firewall } : {}
  const networker = new Networker(fakeStore(), { transports: [transport], warn: false, ...options })
  return { networker, transport, host: () => transport.host }
}

it('counts connections, dials, topics, faults and bytes', async () => {
  const stranger = newKeyPair()
  const { networker, transport } = make((key) => Buffer.compare(stranger.publicKey, key) === 0)
  await networker.configure(topic(1))
  const { host } = transport
  host.note({ type: 'announced', topic: topic(1) })
  host.note({ type: 'lookup', topic: topic(1), found: 0 })
  host.note({ type: 'failed', remotePublicKey: randomBytes(32), outcome: 'timeout' })
  host.fault(new Error('some other'))
  await transport.handOver()
  const [second] = await transport.handOver()
  await transport.handOver(stranger)
  const { bytesRead } = networker.stats
  second.destroy()
  await new Promise((resolve) => networker.once('peer-remove', resolve))

  expect(networker.stats.toJSON()).toMatchObject({
    nrPeers: 1,
    nrStreams: 1,
    nrTopics: 1,
    connectionsOpened: { in: 0, out: 2 },
    connectionsClosed: { in: 0, out: 1 },
    connectionsRefused: { 'our-firewall': 1, 'our-max-peers': 0 },
    dials: { connected: 2, timeout: 1, 'our-firewall': 1, gone: 0 },
    announces: 1,
    lookups: 1,
    flushes: 1,
    redials: 0,
    faults: { other: 1 }
  })
  expect(bytesRead).toBeGreaterThan(0)
  expect(networker.stats.bytesRead).toBeGreaterThanOrEqual(bytesRead)
  expect(String(networker.stats)).toContain('  - networker_dials timeout: 1\n')
  expect(JSON.parse(JSON.stringify(networker.stats)).nrPeers).toBe(1)
  await networker.close()
})

it('keeps its labels bounded, whatever codes a transport has', async () => {
  const { networker, host } = make()
  await networker.listen()
  for (let n = 0; n < 100; n++) {
    host().fault(Object.assign(new Error('no'), { name: 'NetworkerError', code: `CODE_${n}` }))
  }
  const { other, ...codes } = networker.stats.faults
  expect([other, Object.keys(codes).length]).toEqual([68, 32])
  await networker.close()
})

it('gives prom-client what it has when it is scraped', async () => {
  const { networker, transport } = make()
  await networker.configure(topic(1))
  const registry = new promClient.Registry()
  class Gauge extends promClient.Gauge {
    constructor(options: ConstructorParameters<typeof promClient.Gauge>[0]) {
      super({ ...options, registers: [registry] })
    }
  }
  networker.stats.registerPrometheusMetrics({ Gauge } as unknown as typeof promClient)
  await transport.handOver()
  const lines = (await registry.metrics()).split('\n')
  expect(lines).toContain('networker_nr_peers 1')
  expect(lines).toContain('networker_connections_opened{direction="out"} 1')
  expect(lines).toContain('networker_dials{outcome="connected"} 1')
  expect(lines).toContain('# TYPE networker_total_bytes_received gauge')
  await networker.close()
  expect((await registry.metrics()).split('\n')).toContain('networker_nr_peers 0')
  promClient.register.clear()
  networker.stats.registerPrometheusMetrics(promClient)
  expect(() => networker.stats.registerPrometheusMetrics(promClient)).toThrow(/already been registered/)
  promClient.register.clear()
})
