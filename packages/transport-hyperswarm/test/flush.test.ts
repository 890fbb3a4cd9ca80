import { expect, test } from 'vitest'
import {
  ANNOUNCE,
  BOTH,
  createHost,
  LOOKUP,
  localDht,
  openPeers,
  type Party,
  randomTopic,
  took
} from './network.js'

const onDht = localDht()
/** How long a dial to a dead peer takes (ms). */
const DIAL = 8_000

test('F1: a lookup that begins after it finds us', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const { key } = await network.announcer(topic)
    const found = new Set<string>()
    for await (const { peers } of network.createNode().lookup(topic)) {
      for (const { publicKey } of peers) found.add(publicKey.toString('hex'))
    }
    expect([...found]).toEqual([Buffer.from(key).toString('hex')])
  })
})

test('F2: when it resolves, the peers of the topic were handed over', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remotes = await Promise.all([1, 2, 3].map(() => network.announcer(topic)))
    const { host, transport, flush } = await network.party()
    transport.join(topic, LOOKUP)
    await flush(topic)
    expect(remotes.map(({ key }) => host.has(key))).toEqual([true, true, true])
  })
})

test('F2: each further call begins a new lookup', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const { host, transport, flush } = await network.party()
    transport.join(topic, BOTH)
    await flush(topic)
    expect(host.streams).toEqual([])
    const remote = await network.party()
    remote.transport.join(topic, ANNOUNCE)
    await remote.flush(topic)
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('F2: a change of mode begins a lookup, and ends the wait for the one before', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush } = await network.party()
    transport.join(topic, ANNOUNCE)
    const flushed = flush(topic)
    transport.join(topic, LOOKUP)
    await flushed
    expect(host.has(remote.key)).toBe(true)
    expect(host.faults).toEqual([])
  })
})

test('F2: a peer that the networker refuses does not hold it up', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.announcer(topic)
    const host = createHost()
    host.admits = () => false
    const { transport, flush } = await network.party({}, host)
    transport.join(topic, LOOKUP)
    await flush(topic)
    expect(host.streams).toEqual([])
  })
})

test('F2: a peer that another transport has is not dialled, and does not hold it up', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.dead(topic, 1)
    const host = createHost()
    host.admits = () => false
    const { transport, flush, swarm } = await network.party({}, host)
    transport.join(topic, LOOKUP)
    expect(await took(flush(topic))).toBeLessThan(DIAL / 2)
    expect(swarm.connecting).toBe(0)
  })
})

test('F2: peers that the firewall option bans do not hold it up', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await Promise.all([1, 2].map(() => network.announcer(topic)))
    const { host, transport, flush } = await network.party({ firewall: () => true })
    transport.join(topic, LOOKUP)
    await flush(topic)
    expect(host.streams).toEqual([])
  })
})

test('F2: peers that there is no room for do not hold it up', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await Promise.all([1, 2, 3].map(() => network.announcer(topic)))
    const { host, transport, flush } = await network.party({ maxPeers: 1 })
    transport.join(topic, LOOKUP)
    await flush(topic)
    expect(openPeers(host)).toBe(1)
  })
})

test('F2: a peer that was lost and is back counts as new', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, key } = await network.party()
    transport.join(topic, LOOKUP)
    await flush(topic)
    await remote.host.connectionTo(key)
    const { closed } = await host.connectionTo(remote.key)
    await remote.stop()
    await closed
    const back = await network.party({}, createHost(remote.host.keyPair))
    back.transport.join(topic, ANNOUNCE)
    await back.flush(topic)
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('F4: with no peers it waits only for the announcement and the lookup', async () => {
  await onDht(async (network) => {
    const { transport, flush, host } = await network.party()
    const topic = randomTopic()
    transport.join(topic, BOTH)
    await flush(topic)
    expect(host.faults).toEqual([])
  })
})

test('F5: an abort rejects with its reason, leaves the topic joined and no listener behind', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.dead(topic, 1)
    const { transport, swarm } = await network.party()
    const counts = () => ['update', 'ban', 'connection'].map((event) => swarm.listenerCount(event))
    const before = counts()
    transport.join(topic, LOOKUP)
    const controller = new AbortController()
    const flushed = transport.flush(topic, { signal: controller.signal })
    await waiting(swarm)
    const reason = new Error('no more')
    controller.abort(reason)
    await expect(flushed).rejects.toBe(reason)
    await new Promise(setImmediate)
    expect(counts()).toEqual(before)
    expect(swarm.status(topic)).not.toBeNull()
    await expect(transport.flush(topic, { signal: controller.signal })).rejects.toBe(reason)
  })
})

test('F5: leave, suspend and stop end the wait', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    await network.dead(topic, 1)
    const ends: ((party: Party) => unknown)[] = [
      ({ transport }) => transport.leave(topic),
      ({ transport }) => transport.suspend!(),
      ({ stop }) => stop()
    ]
    for (const end of ends) {
      const party = await network.party({ bootstrap: network.bootstrap })
      party.transport.join(topic, LOOKUP)
      const flushed = party.flush(topic)
      await waiting(party.swarm)
      await Promise.all([flushed, end(party)])
    }
  })
})

test("one topic's flush does not wait for another's dials, nor a living peer for nine dead ones", async () => {
  await onDht(async (network) => {
    const [topic, other] = [randomTopic(), randomTopic()]
    await network.dead(topic, 9)
    const living = await network.announcer(topic)
    const { host, transport, flush } = await network.party()
    transport.join(topic, LOOKUP)
    const flushed = took(flush(topic))
    const found = took(host.connectionTo(living.key))
    transport.join(other, BOTH)
    expect(await took(flush(other))).toBeLessThan(DIAL / 2)
    expect(await found).toBeLessThan(DIAL / 2)
    expect(await flushed).toBeLessThan(10_000) // the nine are dialled at a time
  })
})

/** Resolves when a flush waits for dials, since its query has ended. */
async function waiting(swarm: Party['swarm']): Promise<void> {
  while (swarm.listenerCount('ban') === 0) await new Promise(setImmediate)
}
