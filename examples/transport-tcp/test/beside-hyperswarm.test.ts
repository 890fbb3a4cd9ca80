import { once } from 'node:events'
import type { Networker, NoiseStream } from '@basestore/networker'
import { createNetworkers, waitForBlocks } from '@basestore/testkit'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LoopbackNetwork } from './fixture.js'

const BLOCKS = 2_000
/** Enough that many are still to be sent when the connection breaks. */
const BLOCK_BYTES = 4096

// Concurrent, since they mostly wait. Each test has its own transports and topic.
describe.concurrent('beside Hyperswarm', () => {
  let testnet: Testnet
  beforeAll(async () => {
    testnet = await createTestnet()
  })
  afterAll(() => testnet.destroy())

  /** Two networkers that reach each other both ways. */
  async function couple(first: 'tcp' | 'hyperswarm' = 'tcp') {
    const network = await LoopbackNetwork.open()
    const tcps = [network.createTransport(), network.createTransport()] as const
    const transports = (index: number) => {
      const both = [tcps[index]!, hyperswarm({ dht: testnet.createNode() })]
      return first === 'tcp' ? both : both.reverse()
    }
    const group = await createNetworkers(2, { transports })
    const close = async () => {
      await group.close()
      network.close()
    }
    const { cut, silence, heal } = network.faults
    return {
      group,
      cut: () => cut(...tcps),
      silence: () => silence(...tcps),
      heal: () => heal(...tcps),
      [Symbol.asyncDispose]: close
    }
  }

  it('there is one peer, over TCP when TCP is listed first, though Hyperswarm connected first', async () => {
    await using pair = await couple('tcp')
    const topic = Buffer.alloc(32, 1)
    const { networkers } = pair.group
    await pair.cut()
    await Promise.all(networkers.map((networker) => networker.configure(topic)))
    await Promise.all(networkers.map((networker) => carriedBy(networker, 'udx')))
    await pair.heal()
    const [a] = networkers
    // Another lookup, which does not wait for Hyperswarm's.
    await a.configure(topic, { lookup: false, flush: false })
    await a.configure(topic, { flush: false })
    await Promise.all(networkers.map((networker) => carriedBy(networker, 'tcp')))
    await Promise.all(networkers.map(single))
    for (const { peers } of networkers) expect([...peers].map(({ type }) => type)).toEqual(['tcp'])
  })

  it('there is one peer, over Hyperswarm when Hyperswarm is listed first, though TCP connected first', async () => {
    await using pair = await couple('hyperswarm')
    const topic = Buffer.alloc(32, 2)
    const { networkers } = pair.group
    const met = Promise.all(networkers.map((networker) => carriedBy(networker, 'tcp')))
    await Promise.all(networkers.map((networker) => networker.configure(topic)))
    await met
    await Promise.all(networkers.map((networker) => carriedBy(networker, 'udx')))
    await Promise.all(networkers.map(single))
    for (const { peers } of networkers) expect([...peers].map(({ type }) => type)).toEqual(['udx'])
  })

  for (const fault of ['cut', 'silence'] as const) {
    it(`when TCP suffers a ${fault}, the peer moves to Hyperswarm, and no block is lost`, async () => {
      await using pair = await couple()
      const [a, b] = pair.group.networkers
      const core = pair.group.stores[0].get({ name: 'core' })
      await core.append(blocks())
      await Promise.all([a.configure(core.discoveryKey), b.configure(core.discoveryKey)])
      await Promise.all([carriedBy(a, 'tcp'), carriedBy(b, 'tcp')])
      await Promise.all([single(a), single(b)])
      const events: string[] = []
      for (const event of ['peer-add', 'peer-remove'] as const) b.on(event, () => events.push(event))

      const copy = pair.group.stores[1].get({ key: core.key })
      await copy.ready()
      const all = waitForBlocks(copy, BLOCKS, { timeout: 20_000 })
      await copy.get(BLOCKS / 10)
      expect(await copy.has(0, BLOCKS)).toBe(false)
      const moved = Promise.all([carriedBy(a, 'udx'), carriedBy(b, 'udx')])
      await pair[fault]()
      await moved
      await all
      const here = await Promise.all(Array.from({ length: BLOCKS }, (_, i) => copy.get(i)))
      expect(here.map(String)).toEqual(blocks())
      expect(events).toEqual([])
    })
  }
})

function blocks(): string[] {
  return Array.from({ length: BLOCKS }, (_, i) => `block ${i}`.padEnd(BLOCK_BYTES))
}

/** Resolves when streams of this type carry the networker's only peer. */
async function carriedBy(networker: Networker, type: string): Promise<void> {
  while ([...networker.peers][0]?.type !== type) {
    await Promise.race([once(networker, 'peer-add'), once(networker, 'peer-stream')])
  }
}

/** Resolves when only one stream is left. */
async function single({ streams }: Networker): Promise<void> {
  while (streams.size > 1) await Promise.race([...streams].map(closeOf))
}

function closeOf(stream: NoiseStream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve))
}
