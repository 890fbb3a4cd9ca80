import { once } from 'node:events'
import DHT from 'hyperdht'
import { expect, test } from 'vitest'
import { FakeHost } from './host.js'
import { BOTH, LOOKUP, LocalNetwork, randomTopic } from './network.js'

test('dials a peer by its key, and only once', async () => {
  await LocalNetwork.run(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { host, swarm, connect, key } = await network.party()
    await connect(remote.key)
    expect(host.has(remote.key)).toBe(true)
    await remote.host.peer(key)
    expect(swarm.explicitPeers.size).toBe(0)
    await connect(remote.key)
    expect(host.streams).toHaveLength(1)

    const lost = once(host, 'closed')
    await remote.stop()
    await lost
    expect(swarm.peers.size).toBe(0)
  })
})

test('dials a peer whose connection is just closing', async () => {
  await LocalNetwork.run(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { host, connect } = await network.party()
    await connect(remote.key)
    host.streams[0]!.destroy()
    await connect(remote.key)
    expect(host.streams).toHaveLength(2)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('dials also when there is no room for more peers, or the peer waits for room', async () => {
  await LocalNetwork.run(async (network) => {
    const topic = randomTopic()
    const remotes = await Promise.all([1, 2].map(() => network.announcer(topic)))
    const { host, transport, flush, connect, swarm } = await network.party({ maxPeers: 1 })
    transport.join(topic, LOOKUP)
    await flush(topic)
    // Hyperswarm would make us wait after failures.
    const failed = { attempts: 3, disconnectedTime: Date.now() }
    for (const info of swarm.peers.values()) if (info.queued) Object.assign(info, failed)
    await Promise.all(remotes.map(({ key }) => connect(key)))
    expect(host.peers.size).toBe(2)
  })
})

test('dials a peer again that was refused before', async () => {
  await LocalNetwork.run(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const host = new FakeHost()
    host.wants = () => false
    const { transport, flush, connect } = await network.party({}, host)
    transport.join(topic, LOOKUP)
    await flush(topic)
    await expect(connect(remote.key)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    host.wants = () => true
    await connect(remote.key)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('rejects when nobody has the key, and holds nothing else up', async () => {
  await LocalNetwork.run(async (network) => {
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

test('rejects our own key and keys that the firewall option bans', async () => {
  await LocalNetwork.run(async (network) => {
    const remote = await network.announcer(randomTopic())
    const { connect, key } = await network.party({ firewall: () => true })
    await expect(connect(key)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await expect(connect(remote.key)).rejects.toThrow(/firewall option refuses/)
  })
})

test('rejects with the reason of an abort, before and while it dials', async () => {
  await LocalNetwork.run(async (network) => {
    const remote = await network.announcer(randomTopic())
    await remote.kill() // known to the DHT, but silent: the dial takes 8 s
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
  await LocalNetwork.run(async (network) => {
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
