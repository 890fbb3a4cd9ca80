import { once } from 'node:events'
import type { RecordedConnection } from '@basestore/conformance'
import Hyperswarm from 'hyperswarm'
import { expect, test } from 'vitest'
import { hyperswarm } from '../src/index.js'
import { ANNOUNCE, BOTH, createHost, LOOKUP, localDht, randomTopic, took } from './network.js'

const onDht = localDht()

test('stops before it was started, and after start was refused', async () => {
  await onDht(async (network) => {
    await hyperswarm().stop()
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      const transport = hyperswarm({ swarm })
      await expect(transport.start(createHost())).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      await transport.stop()
      expect(swarm.destroyed).toBe(false)
    } finally {
      await swarm.destroy()
    }
  })
})

test('stops while it starts, joins and leaves', async () => {
  await onDht(async (network) => {
    const host = createHost()
    const transport = hyperswarm({ bootstrap: network.bootstrap })
    const started = transport.start(host)
    const [topic, left] = [randomTopic(), randomTopic()]
    transport.join(topic, BOTH)
    transport.join(left, BOTH)
    const leaving = transport.leave(left)
    host.close()
    await Promise.all([started, leaving, transport.stop()])
    expect(transport.swarm?.dht.destroyed).toBe(true)
    expect(host.faults).toEqual([])
  })
})

test('stops in the midst of a dial, and leaves no stream on the DHT', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.dead(topic, 2)
    const dht = network.createNode()
    const { transport, swarm, stop } = await network.party({ dht, maxParallel: 1 })
    transport.join(topic, LOOKUP)
    while (swarm.connecting === 0) await once(swarm, 'update')
    expect(await took(stop())).toBeLessThan(2_000) // the dial takes 8 s
    expect(swarm.connecting).toBe(0)
    expect([...(dht as unknown as { rawStreams: Iterable<unknown> }).rawStreams]).toEqual([])
  })
})

test('unannounces: a lookup finds nobody afterwards', async () => {
  await onDht(async (network) => {
    const [topic, left] = [randomTopic(), randomTopic()]
    const { transport, flush, stop } = await network.party()
    for (const each of [topic, left]) transport.join(each, ANNOUNCE)
    await Promise.all([flush(topic), flush(left)])
    const node = network.createNode()
    const announcers = async (key: Buffer) => {
      let count = 0
      for await (const { peers } of node.lookup(key)) count += peers.length
      return count
    }
    expect(await announcers(left)).toBeGreaterThan(0)
    await transport.leave(left)
    expect(await announcers(left)).toBe(0)
    expect(await announcers(topic)).toBeGreaterThan(0)
    await stop()
    expect(await announcers(topic)).toBe(0)
  })
})

test('lets the networker send its last frames before it destroys the DHT', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, key, stop } = await network.party({ bootstrap: network.bootstrap })
    transport.join(topic, LOOKUP)
    await flush(topic)
    await remote.host.connectionTo(key)
    const [connection] = remote.host.connections as [RecordedConnection]
    const data = Buffer.alloc(1024 * 1024)
    host.streams[0]!.write(data)
    await stop()
    await connection.closed
    expect(connection.bytes).toBe(data.byteLength)
  })
})
