import { once } from 'node:events'
import Hyperswarm from 'hyperswarm'
import { expect, test } from 'vitest'
import { ANNOUNCE, BOTH, createHost, LOOKUP, localDht, openPeers, randomTopic, took } from './network.js'

const onDht = localDht()

test('suspend ends all streams, and resume finds the peers again', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, swarm } = await network.party()
    transport.join(topic, BOTH)
    await flush(topic)
    await transport.suspend!()
    expect(swarm.suspended).toBe(true)
    expect(openPeers(host)).toBe(0)
    await flush(topic) // it has nothing to wait for

    await transport.resume!()
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('a topic joined while suspended is joined on resume', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush } = await network.party()
    await transport.suspend!()
    transport.join(topic, LOOKUP)
    await transport.resume!()
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
    expect(host.faults).toEqual([])
  })
})

test('peers that waited for their turn when it was suspended are dialled after resume', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remotes = await Promise.all([1, 2, 3].map(() => network.announcer(topic)))
    const { host, transport, flush, swarm, key } = await network.party({ maxPeers: 1 })
    transport.join(topic, LOOKUP)
    await flush(topic)
    // The next dial waits until a remote has accepted.
    await Promise.race(remotes.map((remote) => remote.host.connectionTo(key)))
    expect([...swarm.peers.values()].filter((info) => info.queued)).toHaveLength(2)
    await transport.suspend!()
    expect([...swarm.peers.values()].filter((info) => info.queued)).toEqual([])
    swarm.maxPeers = 64
    await transport.resume!()
    await flush(topic)
    expect(remotes.map(({ key }) => host.has(key))).toEqual([true, true, true])
  })
})

test('peers that resume at the same moment meet', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const [a, b] = await Promise.all([network.party(), network.party()])
    const both = [a!, b!]
    for (const { transport } of both) transport.join(topic, BOTH)
    await Promise.all([a!.host.connectionTo(b!.key), b!.host.connectionTo(a!.key)])
    await Promise.all(both.map(({ transport }) => transport.suspend!()))
    await Promise.all(both.map(({ transport }) => transport.resume!()))
    await Promise.all([a!.host.connectionTo(b!.key), b!.host.connectionTo(a!.key)])
  })
})

test('stops while it is suspended, at once', async () => {
  await onDht(async (network) => {
    const { transport, swarm, flush, stop } = await network.party({ bootstrap: network.bootstrap })
    const topic = randomTopic()
    transport.join(topic, ANNOUNCE)
    await flush(topic)
    await transport.suspend!()
    const closed = once(swarm.dht, 'close')
    expect(await took(stop())).toBeLessThan(1_000) // to unannounce would take 4 s
    await closed
  })
})

test('resumes a DHT or a swarm that was passed in when it stops', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const [dht, swarm] = [network.createNode(), new Hyperswarm({ dht: network.createNode() })]
    try {
      const onDht = await network.party({ dht })
      const onSwarm = await network.party({ swarm }, createHost(swarm.keyPair))
      for (const { transport, flush, stop } of [onDht, onSwarm]) {
        transport.join(topic, ANNOUNCE)
        await flush(topic)
        const suspending = transport.suspend!()
        await Promise.all([suspending, stop()])
      }
      expect(dht.suspended).toBe(false)
      expect(dht.listening.size).toBe(0)
      expect([swarm.suspended, swarm.dht.suspended]).toEqual([false, false])
    } finally {
      await swarm.destroy()
    }
  })
})
