import { once } from 'node:events'
import type { RecordingHost } from '@basestore/conformance'
import Hyperswarm from 'hyperswarm'
import { expect, test, vi } from 'vitest'
import { attempted, createHost, LOOKUP, localDht, openPeers, randomTopic } from './network.js'

const onDht = localDht()

/** Gives a host room for so many peers. */
function limited(maxPeers: number, host = createHost()): RecordingHost {
  host.admits = (key) => host.has(key) || openPeers(host) < maxPeers
  return host
}

test('a peer that there was no room for takes the place of one that leaves', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remotes = await Promise.all([1, 2, 3].map(() => network.announcer(topic)))
    const { host, transport, flush, swarm, key: ours } = await network.party({}, limited(1))
    transport.join(topic, LOOKUP)
    await flush(topic)
    expect(host.streams).toHaveLength(1)
    // The extra queries after a join would find them too.
    const discovery = swarm.status(topic) as unknown as { refresh(): Promise<boolean> }
    vi.spyOn(discovery, 'refresh').mockResolvedValue(true)
    for (const left of [2, 1]) {
      const first = remotes.find(({ key }) => host.has(key))!
      remotes.splice(remotes.indexOf(first), 1)
      await first.host.connectionTo(ours)
      const next = host.connection(host.connections.length)
      await first.stop()
      await next
      expect(openPeers(host)).toBe(1)
      expect(remotes.filter(({ key }) => host.has(key))).toHaveLength(1)
      expect(host.streams).toHaveLength(4 - left)
    }
    expect(swarm.listenerCount('update')).toBe(1) // Hyperswarm's own
  })
})

test('no peer is dialled under a topic that was left, after a suspend, or after a stop', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.announcer(topic)
    for (const end of ['leave', 'suspend', 'stop'] as const) {
      const host = limited(0)
      const { transport, flush, swarm, stop } = await network.party({}, host)
      transport.join(topic, LOOKUP)
      await flush(topic)
      expect(swarm.listenerCount('update')).toBe(2)

      if (end === 'leave') await transport.leave(topic)
      if (end === 'suspend') await transport.suspend!()
      if (end === 'stop') await stop()
      const before = attempted(swarm)
      limited(1, host)
      swarm.emit('update')
      for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate)
      expect(attempted(swarm)).toBe(before)
      expect(swarm.listenerCount('update')).toBe(1)
    }
  })
})

test('a connection of a given swarm that there was no room for is taken when there is', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remotes = await Promise.all([1, 2].map(() => network.announcer(topic)))
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      const {
        host,
        transport,
        flush,
        key: ours
      } = await network.party({ swarm }, limited(1, createHost(swarm.keyPair)))
      transport.join(topic, LOOKUP)
      await flush(topic)
      while (swarm.connections.size < 2) await once(swarm, 'connection')
      expect(host.streams).toHaveLength(1)
      const [other] = [...swarm.connections].filter((each) => !host.streams.includes(each as never))
      const taken = host.connection(host.connections.length)
      const first = remotes.find(({ key }) => host.has(key))!
      await first.host.connectionTo(ours)
      await first.stop()
      expect((await taken).stream).toBe(other)
    } finally {
      await swarm.destroy()
    }
  })
})
