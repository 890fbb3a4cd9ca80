import { once } from 'node:events'
import DHT from 'hyperdht'
import { expect, test } from 'vitest'
import { attempted, BOTH, createHost, LOOKUP, localDht, openPeers, randomTopic } from './network.js'

const onDht = localDht()

test('dials a peer by its key, and only once', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { host, swarm, connect, key } = await network.party()
    await connect(remote.key)
    expect(host.has(remote.key)).toBe(true)
    await remote.host.connectionTo(key)
    expect(swarm.explicitPeers.size).toBe(0)
    await connect(remote.key)
    expect(host.streams).toHaveLength(1)

    const { closed } = await host.connectionTo(remote.key)
    await remote.stop()
    await closed
    expect(swarm.peers.size).toBe(0)
  })
})

test('dials a peer whose connection is just closing', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { host, connect } = await network.party()
    await connect(remote.key)
    host.streams[0]!.destroy()
    await connect(remote.key)
    expect(host.streams).toHaveLength(2)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('dials also when there is no room for more peers, and a peer that waits for room', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remotes = await Promise.all([1, 2].map(() => network.announcer(topic)))
    const { host, transport, flush, connect, swarm } = await network.party({ maxPeers: 1 })
    transport.join(topic, LOOKUP)
    await flush(topic)
    // Hyperswarm would wait after these failures.
    const failed = { attempts: 3, disconnectedTime: Date.now() }
    for (const info of swarm.peers.values()) if (info.queued) Object.assign(info, failed)
    await Promise.all(remotes.map(({ key }) => connect(key)))
    expect(openPeers(host)).toBe(2)
  })
})

test('dials a peer again that was refused before', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const host = createHost()
    host.admits = () => false
    const { transport, flush, connect } = await network.party({}, host)
    transport.join(topic, LOOKUP)
    await flush(topic)
    await expect(connect(remote.key)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    host.admits = () => true
    await connect(remote.key)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('rejects when no peer has the key, and does not delay other dials', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, connect, swarm } = await network.party()
    const { publicKey } = DHT.keyPair()
    await expect(connect(publicKey)).rejects.toMatchObject({
      name: 'NetworkerError',
      code: 'CONNECT_FAILED',
      transport: 'hyperswarm',
      message: expect.stringContaining(publicKey.toString('hex')),
      cause: expect.objectContaining({ code: 'PEER_NOT_FOUND' })
    })
    expect(swarm.explicitPeers.size).toBe(0)
    expect(swarm.listenerCount('ban')).toBe(0)
    transport.join(topic, BOTH)
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('a peer that could not be reached is neither kept nor dialled again, also when it was dialled twice', async () => {
  await onDht(async (network) => {
    const { connect, swarm } = await network.party()
    const { publicKey } = DHT.keyPair()
    for (let attempts = 1; attempts <= 2; attempts++) {
      await expect(connect(publicKey)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
      expect([swarm.explicitPeers.size, swarm.peers.size]).toEqual([0, 0])
      expect(attempted(swarm)).toBe(attempts)
    }
  })
})

test('overlapping connects to one peer share a dial, and keep nothing', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { host, connect, swarm, key: ours } = await network.party()
    const { publicKey } = DHT.keyPair()
    const twice = (key: Uint8Array) => Promise.allSettled([connect(key), connect(key)])
    const statuses = (results: PromiseSettledResult<void>[]) => results.map(({ status }) => status)
    expect(statuses(await twice(publicKey))).toEqual(['rejected', 'rejected'])
    expect(statuses(await twice(remote.key))).toEqual(['fulfilled', 'fulfilled'])
    expect(host.streams).toHaveLength(1)
    expect(attempted(swarm)).toBe(2)
    expect(swarm.explicitPeers.size).toBe(0)
    await remote.host.connectionTo(ours)
    const { closed } = await host.connectionTo(remote.key)
    await remote.stop()
    await closed
    expect(swarm.peers.size).toBe(0)
  })
})

test('a peer of a topic that was dialled by its key stays one of the topic, and is not explicit', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, connect, swarm } = await network.party()
    transport.join(topic, LOOKUP)
    await flush(topic)
    host.streams[0]!.destroy()
    await host.connections[0]!.closed
    const [info] = swarm.peers.values()
    expect(info).toMatchObject({ waiting: true, topics: [topic] })
    await connect(remote.key)
    expect(host.streams).toHaveLength(2)
    expect([swarm.explicitPeers.size, info!.explicit]).toEqual([0, false])
    await remote.kill()
    host.streams[1]!.destroy()
    await host.connections[1]!.closed
    await new Promise(setImmediate)
    expect(info).toMatchObject({ waiting: true })
  })
})

test('a peer that the app dials for itself stays explicit', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { swarm, connect } = await network.party()
    swarm.joinPeer(Buffer.from(remote.key))
    await connect(remote.key)
    expect(swarm.explicitPeers.size).toBe(1)
  })
})

test('a peer that was dialled beyond the limit is not dialled again when it is lost', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.announcer(topic)
    const remote = await network.announcer(randomTopic())
    const { host, transport, flush, connect, swarm, key } = await network.party({ maxPeers: 1 })
    transport.join(topic, LOOKUP)
    await flush(topic)
    await connect(remote.key)
    await remote.host.connectionTo(key)
    const { closed } = await host.connectionTo(remote.key)
    await remote.stop()
    await closed
    expect(swarm.peers.size).toBe(1)
  })
})

test('rejects our own key and keys that the firewall option bans', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { connect, key } = await network.party({ firewall: () => true })
    await expect(connect(key)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await expect(connect(remote.key)).rejects.toThrow(/firewall option refuses/)
  })
})

test('rejects with the reason of an abort, before and while it dials', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    await remote.kill() // its record stays, and a dial to it takes 8 s to fail
    const { transport, swarm } = await network.party()
    const controller = new AbortController()
    const dialled = once(swarm, 'update')
    const connected = transport.connect!(remote.key, { signal: controller.signal })
    await dialled
    const reason = new Error('no more')
    controller.abort(reason)
    await expect(connected).rejects.toBe(reason)
    expect(swarm.explicitPeers.size).toBe(0)
    expect(swarm.listenerCount('ban')).toBe(0)
    await expect(transport.connect!(remote.key, { signal: controller.signal })).rejects.toBe(reason)
  })
})

test('rejects when it is suspended or stopped meanwhile', async () => {
  await onDht(async (network) => {
    const remote = await network.announcer(randomTopic())
    await remote.kill()
    for (const end of ['suspend', 'stop'] as const) {
      const { transport, swarm, connect, stop } = await network.party()
      const dialled = once(swarm, 'update')
      const connected = connect(remote.key)
      await dialled
      const rejected = expect(connected).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
      await Promise.all([rejected, end === 'stop' ? stop() : transport.suspend!()])
    }
  })
})
