import { once } from 'node:events'
import type { Networker, NoiseStream } from '@basestore/networker'
import { createNetworkers, waitForBlocks, waitForPeers } from '@basestore/testkit'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { MemoryNetwork } from '@basestore/transport-memory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const BLOCKS = 400

describe('two transports in one networker', () => {
  let testnet: Testnet
  beforeAll(async () => {
    testnet = await createTestnet()
  })
  afterAll(() => testnet.destroy())

  /** Two networkers, each with the memory transport first and Hyperswarm second. */
  function couple() {
    const network = new MemoryNetwork({ seed: 1 })
    const transports = () => [network.transport(), hyperswarm({ dht: testnet.createNode() })]
    return createNetworkers(2, { network, transports })
  }

  it('are one peer, over the one listed first', async () => {
    await using group = await couple()
    const [a, b] = group.networkers
    const topic = Buffer.alloc(32, 1)
    await a.configure(topic)
    await b.configure(topic)
    for (const networker of [a, b]) {
      await waitForPeers(networker, 1)
      while (networker.streams.size > 1) await closeOf([...networker.streams])
      expect([...networker.peers].map(({ type }) => type)).toEqual(['memory'])
    }
  })

  it('move a peer to the other transport when the stream breaks, without losing a block', async () => {
    const network = new MemoryNetwork({ seed: 1 })
    const transports = () => [hyperswarm({ dht: testnet.createNode() }), network.transport()]
    await using group = await createNetworkers(2, { network, transports })
    const [a, b] = group.networkers
    const core = group.stores[0].get({ name: 'core' })
    await core.append(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))

    // Memory connects first, then Hyperswarm takes over. Both have handed the peer over by then.
    const preferred = Promise.all([carriedBy(a, 'udx'), carriedBy(b, 'udx')])
    await Promise.all([a.configure(core.discoveryKey), b.configure(core.discoveryKey)])
    await preferred
    for (const { streams } of [a, b]) while (streams.size > 1) await closeOf([...streams])
    const events: string[] = []
    for (const event of ['peer-add', 'peer-remove'] as const) b.on(event, () => events.push(event))

    const copy = group.stores[1].get({ key: core.key })
    await copy.ready()
    const all = waitForBlocks(copy, BLOCKS)
    await copy.get(BLOCKS / 10)
    const moved = carriedBy(b, 'memory')
    for (const stream of b.streams) stream.destroy()
    await moved
    await all
    const blocks = await Promise.all(Array.from({ length: BLOCKS }, (_, i) => copy.get(i)))
    expect(blocks.map(String)).toEqual(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))
    expect(events).toEqual([])
  })

  it('move a peer also to a transport that had no reason to dial it before', async () => {
    await using group = await couple()
    const [a, b] = group.networkers
    const topic = Buffer.alloc(32, 2)
    await Promise.all([a.configure(topic), b.configure(topic)])
    await Promise.all([carriedBy(a, 'memory'), carriedBy(b, 'memory')])
    const events: string[] = []
    for (const event of ['peer-add', 'peer-remove'] as const) a.on(event, () => events.push(event))
    const moved = Promise.all([carriedBy(a, 'udx'), carriedBy(b, 'udx')])
    for (const stream of a.streams) stream.destroy()
    await moved
    expect(events).toEqual([])
  })

  it('replicate over both at once without harm', async () => {
    await using group = await couple()
    const [a, b] = group.networkers
    const core = group.stores[0].get({ name: 'core' })
    await core.append(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))
    const copy = group.stores[1].get({ key: core.key })
    const done = copy.ready().then(() => waitForBlocks(copy, BLOCKS))
    await Promise.all([a.configure(core.discoveryKey), b.configure(core.discoveryKey)])
    await done
    const blocks = await Promise.all(Array.from({ length: BLOCKS }, (_, i) => copy.get(i)))
    expect(blocks.map(String)).toEqual(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))
  })
})

/** Resolves when streams of this type carry the networker's only peer. */
async function carriedBy(networker: Networker, type: string): Promise<void> {
  while ([...networker.peers][0]?.type !== type) {
    await Promise.race([once(networker, 'peer-add'), once(networker, 'peer-stream')])
  }
}

function closeOf(streams: readonly NoiseStream[]): Promise<unknown> {
  return Promise.race(streams.map((stream) => new Promise<void>((resolve) => stream.once('close', resolve))))
}
