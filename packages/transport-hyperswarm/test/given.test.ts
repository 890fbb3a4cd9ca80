import type { EventEmitter } from 'node:events'
import { once } from 'node:events'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import { expect, test } from 'vitest'
import { BOTH, createHost, localDht, openPeers, randomTopic } from './network.js'

const onDht = localDht()

test('leaves a DHT that was passed in as it was', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const dht = network.createNode()
    const before = listeners(dht)
    const party = await network.party({ dht })
    await network.announcer(topic)
    party.transport.join(topic, BOTH)
    await party.flush(topic)
    expect(party.host.streams).toHaveLength(1)
    expect(dht.listening.size).toBe(1)

    await party.stop()
    expect(party.swarm.destroyed).toBe(true)
    expect(dht.destroyed).toBe(false)
    expect(dht.listening.size).toBe(0)
    expect(listeners(dht)).toEqual(before)
    expect(openPeers(party.host)).toBe(0)

    // The DHT serves the next swarm.
    const next = await network.party({ dht })
    next.transport.join(topic, BOTH)
    await next.flush(topic)
    expect(next.host.streams).toHaveLength(1)
  })
})

test('leaves a swarm that was passed in as it was', async () => {
  await onDht(async (network) => {
    const [topic, appTopic] = [randomTopic(), randomTopic()]
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      const session = swarm.join(appTopic)
      await session.flushed()
      const before = { swarm: listeners(swarm), dht: listeners(swarm.dht) }
      const party = await network.party({ swarm }, createHost(swarm.keyPair))
      party.transport.join(topic, BOTH)
      party.transport.join(appTopic, BOTH)
      await Promise.all([party.flush(topic), party.flush(appTopic)])
      expect(party.transport.swarm).toBe(swarm)

      await party.stop()
      expect(swarm.destroyed).toBe(false)
      expect(swarm.dht.destroyed).toBe(false)
      expect({ swarm: listeners(swarm), dht: listeners(swarm.dht) }).toEqual(before)
      expect([...swarm.topics()].map((each) => each.topic)).toEqual([appTopic])
      expect(session.destroyed).toBe(false)
    } finally {
      await swarm.destroy()
    }
  })
})

test('hands over the connections that a given swarm has already, each once', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      swarm.join(topic)
      await once(swarm, 'connection')
      const { host, transport, flush, connect } = await network.party({ swarm }, createHost(swarm.keyPair))
      await host.connectionTo(remote.key)
      transport.join(topic, BOTH)
      await flush(topic)
      await connect(remote.key)
      expect(host.streams).toHaveLength(1)
    } finally {
      await swarm.destroy()
    }
  })
})

test('keeps a connection of a given swarm that is not wanted, and hands it over once it is', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      const host = createHost(swarm.keyPair)
      host.admits = () => false
      const { transport, flush, connect } = await network.party({ swarm }, host)
      const connected = once(swarm, 'connection')
      transport.join(topic, BOTH)
      await flush(topic)
      const [connection] = await connected
      expect(connection.destroying).toBe(false)
      expect(connection.listenerCount('error')).toBe(0)
      expect([...swarm.peers.values()].map((info) => info.reconnecting)).toEqual([true])
      expect(host.streams).toEqual([])

      host.admits = () => true
      await connect(remote.key)
      expect(host.streams).toEqual([connection])
    } finally {
      await swarm.destroy()
    }
  })
})

test('refuses a swarm with another key pair than the networker has', async () => {
  await onDht(async (network) => {
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      await expect(network.party({ swarm }, createHost(DHT.keyPair()))).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('new Networker(store, { keyPair: swarm.keyPair })')
      })
    } finally {
      await swarm.destroy()
    }
  })
})

function listeners(emitter: EventEmitter): Record<string, number> {
  return Object.fromEntries(
    emitter.eventNames().map((event) => [String(event), emitter.listenerCount(event)])
  )
}
