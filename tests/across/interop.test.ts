import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Networker, NetworkerError } from '@basestore/networker'
import { createNetworkers } from '@basestore/testkit'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import Corestore from 'corestore'
import Hyperswarm from 'hyperswarm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

describe('a peer that uses Hyperswarm and Corestore without us', () => {
  let testnet: Testnet
  let directory: string
  let store: Corestore
  let swarm: Hyperswarm

  beforeAll(async () => {
    testnet = await createTestnet()
  })
  afterAll(() => testnet.destroy())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'basestore-plain-'))
    store = new Corestore(directory)
    await store.ready()
    swarm = plainSwarm()
    return async () => {
      await swarm.destroy()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    }
  })

  const plainSwarm = (keyPair?: Hyperswarm['keyPair']) => {
    const plain = new Hyperswarm({ dht: testnet.createNode(), ...(keyPair && { keyPair }) })
    plain.on('connection', (connection) => {
      connection.on('error', () => {})
      store.replicate(connection)
    })
    return plain
  }
  const ours = () => createNetworkers(1, { transports: () => [hyperswarm({ dht: testnet.createNode() })] })

  it('replicates in both directions, whichever side announces', async () => {
    await using group = await ours()
    const [networker] = group.networkers
    const theirs = store.get({ name: 'theirs' })
    const core = group.stores[0].get({ name: 'ours' })
    await theirs.append('from them')
    await core.append('from us')

    await networker.configure(core.discoveryKey)
    swarm.join(theirs.discoveryKey, { server: true, client: false })
    await swarm.flush()
    await networker.configure(theirs.discoveryKey, { announce: false })

    expect((await group.stores[0].get({ key: theirs.key }).get(0)).toString()).toBe('from them')
    expect((await store.get({ key: core.key }).get(0)).toString()).toBe('from us')
  })

  it('finds us when we announce', async () => {
    await using group = await ours()
    const [networker] = group.networkers
    const core = group.stores[0].get({ name: 'ours' })
    await core.append('from us')
    await networker.configure(core.discoveryKey, { lookup: false })
    swarm.join(core.discoveryKey, { server: false, client: true })
    expect((await store.get({ key: core.key }).get(0)).toString()).toBe('from us')
  })

  it('is a peer like any other, and ignores extension messages', async () => {
    await using group = await ours()
    const [networker] = group.networkers
    const theirs = store.get({ name: 'theirs' })
    await theirs.append('one')
    const text = networker.registerExtension('text', { encoding: 'utf8' })
    const faults: unknown[] = []
    networker.on('fault', (error) => faults.push(error))
    networker.on('peer-add', (peer) => text.send('hello?', peer))
    swarm.join(theirs.discoveryKey, { server: true, client: false })
    await swarm.flush()
    await networker.configure(theirs.discoveryKey, { announce: false })
    const copy = group.stores[0].get({ key: theirs.key })
    expect((await copy.get(0)).toString()).toBe('one')
    text.broadcast('still nobody?')
    await theirs.append('two')
    expect((await copy.get(1)).toString()).toBe('two')
    expect([networker.peers.size, faults]).toEqual([1, []])
  })

  it('that resets its connection does not end our process, and is dialled again', async () => {
    await using group = await ours()
    const [networker] = group.networkers
    const topic = Buffer.alloc(32, 9)
    const connected = once(swarm, 'connection')
    swarm.join(topic, { server: true, client: false })
    await swarm.flush()
    await networker.configure(topic, { announce: false })
    const removed = once(networker, 'peer-remove')
    const added = removed.then(() => once(networker, 'peer-add'))
    const [connection] = await connected
    connection.destroy(new Error('reset'))
    await removed
    await added
  })

  it('that starts again is a new peer, and replicates in both directions again', async () => {
    await using group = await ours()
    const [networker] = group.networkers
    const theirs = store.get({ name: 'theirs' })
    const core = group.stores[0].get({ name: 'ours' })
    await theirs.append('from them')
    const copy = group.stores[0].get({ key: theirs.key })
    const { keyPair } = swarm
    const added = once(networker, 'peer-add')
    await networker.configure(theirs.discoveryKey)
    swarm.join(theirs.discoveryKey)
    const [first] = await added
    expect((await copy.get(0)).toString()).toBe('from them')

    const removed = once(networker, 'peer-remove')
    await swarm.destroy()
    expect(await removed).toEqual([first])
    const again = once(networker, 'peer-add')
    swarm = plainSwarm(keyPair)
    swarm.join(theirs.discoveryKey)
    const [second] = await again
    expect(second.remotePublicKey).toEqual(first.remotePublicKey)
    expect(second).not.toBe(first)
    await theirs.append('again')
    await core.append('from us')
    expect((await copy.get(1)).toString()).toBe('again')
    expect((await store.get({ key: core.key }).get(0)).toString()).toBe('from us')
  })

  it('that is there twice at once with one key is one peer, and replicates with both', async () => {
    await using group = await ours()
    const [networker] = group.networkers
    const events: string[] = []
    for (const event of ['peer-add', 'peer-remove'] as const) networker.on(event, () => events.push(event))
    const theirs = store.get({ name: 'theirs' })
    await theirs.append('from them')
    const copy = group.stores[0].get({ key: theirs.key })
    await networker.configure(theirs.discoveryKey)
    swarm.join(theirs.discoveryKey)
    expect((await copy.get(0)).toString()).toBe('from them')
    const twin = plainSwarm(swarm.keyPair)
    try {
      const changed = once(networker, 'peer-stream')
      twin.joinPeer(Buffer.from(networker.keyPair.publicKey))
      const [peer] = await changed
      expect(networker.streams.size).toBe(2)
      await theirs.append('to one of them')
      expect((await copy.get(1)).toString()).toBe('to one of them')
      const gone = once(networker, 'peer-stream')
      await twin.destroy()
      await gone
      await theirs.append('to the other')
      expect((await copy.get(2)).toString()).toBe('to the other')
      expect([...networker.peers]).toEqual([peer])
      expect(events).toEqual(['peer-add'])
    } finally {
      await twin.destroy()
    }
  })
})

describe('a swarm that the app has already', () => {
  it('carries the networker under its own key pair, and goes on after close', async () => {
    const testnet = await createTestnet()
    const swarm = new Hyperswarm({ dht: testnet.createNode() })
    try {
      await using group = await createNetworkers(2, {
        networker: (i) => (i === 0 ? { keyPair: swarm.keyPair } : {}),
        transports: (i) => [i === 0 ? hyperswarm({ swarm }) : hyperswarm({ dht: testnet.createNode() })]
      })
      const [a, b] = group.networkers as [Networker, Networker]
      const core = group.stores[0].get({ name: 'core' })
      await core.append('hello')
      await a.configure(core.discoveryKey)
      await b.configure(core.discoveryKey)
      expect((await group.stores[1].get({ key: core.key }).get(0)).toString()).toBe('hello')
      await a.close()
      expect(swarm.destroyed).toBe(false)
    } finally {
      await swarm.destroy()
      await testnet.destroy()
    }
  })

  it('must have the key pair of the networker', async () => {
    const testnet = await createTestnet()
    const swarm = new Hyperswarm({ dht: testnet.createNode() })
    try {
      await using group = await createNetworkers(1, { transports: () => [hyperswarm({ swarm })] })
      const error = await group.networkers[0].listen().catch((e) => e)
      expect(error).toMatchObject({ code: 'START_FAILED', cause: { code: 'INVALID_OPTION' } })
      expect((error.cause as NetworkerError).message).toMatch(/keyPair: swarm.keyPair/)
    } finally {
      await swarm.destroy()
      await testnet.destroy()
    }
  })
})
