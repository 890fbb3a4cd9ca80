import { randomBytes } from 'node:crypto'
import type { Store } from '@basestore/networker'
import { createNetworkers } from '@basestore/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { networks, type TestNetwork } from './networks.js'

describe.each(networks)('a lookup %s', (_, open) => {
  let network: TestNetwork
  beforeAll(async () => {
    network = await open()
  })
  afterAll(() => network.close())

  it('makes core.update() wait for the first flush, so that it finds the blocks', async () => {
    await using group = await network.create(2)
    const [a, b] = group.stores
    const core = a.get({ name: 'core' })
    await core.append(['one', 'two'])
    await group.networkers[0].configure(core.discoveryKey)
    const copy = b.get({ key: core.key })
    await copy.ready()
    const configured = group.networkers[1].configure(core.discoveryKey)
    expect(await copy.update()).toBe(true)
    expect(copy.length).toBe(2)
    await configured
  })

  it('does so for a core that is opened after configure()', async () => {
    await using group = await network.create(2)
    const [a, b] = group.stores
    const core = a.get({ name: 'core' })
    await core.append('one')
    await group.networkers[0].configure(core.discoveryKey)
    const configured = group.networkers[1].configure(core.discoveryKey)
    const copy = b.get({ key: core.key })
    expect(await copy.update()).toBe(true)
    await configured
  })
})

// These tests use private fields. They fail when Hypercore renames its counter, or Corestore its map of loaded cores.
describe('the counter of Hypercore', () => {
  let group: Awaited<ReturnType<typeof createNetworkers<1>>>
  beforeEach(async () => {
    group = await createNetworkers(1)
  })
  afterEach(() => group.close())

  async function loaded() {
    const core = group.stores[0].get({ name: 'core' })
    await core.ready()
    const internal = (group.stores[0] as Store).cores!.get(core.discoveryKey)!
    return { core, counter: () => internal.replicator.findingPeers }
  }

  it('is raised at once, and lowered when the topic is flushed', async () => {
    const { core, counter } = await loaded()
    const configured = group.networkers[0].configure(core.discoveryKey)
    expect(counter()).toBe(1)
    await configured
    expect(counter()).toBe(0) // nobody was found, so there is nothing to wait for
  })

  it('is not touched by announcing alone, nor by another topic', async () => {
    const { core, counter } = await loaded()
    const configured = [
      group.networkers[0].configure(core.discoveryKey, { lookup: false }),
      group.networkers[0].configure(randomBytes(32))
    ]
    expect(counter()).toBe(0)
    await Promise.all(configured)
  })

  it.each([
    ['leaving', (key: Buffer) => group.networkers[0].configure(key, { announce: false, lookup: false })],
    ['suspending', () => group.networkers[0].suspend()],
    ['closing', () => group.networkers[0].close()]
  ])('is lowered on %s', async (_, end) => {
    const { core, counter } = await loaded()
    await group.networkers[0].listen()
    const configured = group.networkers[0].configure(core.discoveryKey).catch(() => {})
    expect(counter()).toBe(1)
    const ended = end(core.discoveryKey)
    await Promise.all([configured, ended])
    expect(counter()).toBe(0)
  })

  it('is raised on resume for a topic that was configured while suspended', async () => {
    const { core, counter } = await loaded()
    const [networker] = group.networkers
    await networker.listen()
    await networker.suspend()
    await networker.configure(core.discoveryKey)
    expect(counter()).toBe(0)
    const joined = new Promise<number>((resolve) => networker.once('joined', () => resolve(counter())))
    await networker.resume()
    expect(await joined).toBe(1)
  })

  it('is lowered after ten seconds at the latest', async () => {
    const { core, counter } = await loaded()
    const [networker] = group.networkers
    await networker.listen()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const configured = networker.configure(core.discoveryKey, { flush: false })
      vi.advanceTimersByTime(9_999) // the topic's flush cannot run within this tick
      expect(counter()).toBe(1)
      vi.advanceTimersByTime(1)
      expect(counter()).toBe(0)
      await configured
    } finally {
      vi.useRealTimers()
    }
  })
})
