import { getEventListeners } from 'node:events'
import { Networker } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import { expect, test } from 'vitest'
import {
  createNetworkers,
  type Networkers,
  type ReplicatedCore,
  waitForBlocks,
  waitForPeers
} from '../../src/index.js'

const topic = Buffer.alloc(32, 1)

async function withPair(run: (group: Networkers<2>) => Promise<void>): Promise<void> {
  const group = await createNetworkers(2)
  try {
    await run(group)
  } finally {
    await group.close()
  }
}

function short(key: Uint8Array): string {
  return Buffer.from(key).toString('hex').slice(0, 8)
}

test('waitForPeers resolves when a peer comes, and at once when it is there', () =>
  withPair(async ({ networkers: [a, b] }) => {
    const waiting = waitForPeers(a, 1)
    await a.configure(topic)
    await b.configure(topic)
    await waiting
    await waitForPeers(a, 1, { timeout: 0 })
    await waitForPeers(a, 0)
    expect(a.listenerCount('peer-add')).toBe(0)
  }))

test('a wait without a limit goes on until its signal aborts', () =>
  withPair(async ({ networkers: [a] }) => {
    const controller = new AbortController()
    const waiting = waitForPeers(a, 1, { timeout: Number.POSITIVE_INFINITY, signal: controller.signal })
    const outcome = waiting.catch((reason: unknown) => reason)
    await expect(waitForPeers(a, 1, { timeout: 2 })).rejects.toThrow('after 2 ms')
    controller.abort('enough')
    expect(await outcome).toBe('enough')
  }))

test.each([undefined, -1, 1.5, '1'])('%j is refused as a count of peers and as a length', async (given) => {
  const count = given as number
  await using group = await createNetworkers(1)
  const core = group.stores[0].get({ name: 'log' })
  const refused = { code: 'INVALID_OPTION', message: expect.stringContaining('must be 0, 1, 2, ..., got ') }
  await expect(waitForPeers(group.networkers, count)).rejects.toMatchObject(refused)
  await expect(waitForBlocks(core, count)).rejects.toMatchObject(refused)
})

test('waitForPeers tells who waited for how many, who is connected to whom, and what to check', async () => {
  await using group = await createNetworkers(['alice', 'bob', 'carol'])
  const { alice, bob, carol } = group.peers
  await alice.networker.configure(topic)
  await bob.networker.configure(topic, { lookup: false })
  await carol.networker.configure(Buffer.alloc(32, 2), { announce: false })
  await waitForPeers(bob.networker, 1)
  await expect(waitForPeers(carol.networker, 2, { timeout: 1 })).rejects.toThrow(
    'after 1 ms carol has 0 of 2 peers.\n\n' +
      '  alice -- bob     topic 01010101\n' +
      '  bob   -- alice   topic 01010101 (only announced)\n' +
      '  carol -- nobody  topic 02020202 (only looked up)\n\n' +
      '  carol: alice is not connected: it was never found under any topic; is it announced, and under which topic?\n' +
      '  carol: bob is not connected: it was never found under any topic; is it announced, and under which topic?\n\n' +
      'Check that both sides configure() the same discovery key'
  )
  expect(bob.networker.listenerCount('peer-add')).toBe(0)
})

test('waitForPeers waits for each of several, and tells of those who lack peers', async () => {
  await using group = await createNetworkers(['alice', 'bob', 'carol'], { topology: [['alice', 'bob']] })
  const { alice, bob } = group.peers
  await waitForPeers([alice.networker, bob.networker], 1)
  await expect(waitForPeers(group.networkers, 1, { timeout: 1 })).rejects.toThrow(
    'after 1 ms carol has 0 of 1 peers.\n\n' +
      '  alice -- bob     no topic\n' +
      '  bob   -- alice   no topic\n' +
      '  carol -- nobody  no topic\n\n' +
      'Check the topology: it allows only its own links. connect(a, b) of the group adds one.'
  )
  const waiting = waitForPeers(group.networkers, 1)
  await group.connect('carol', 'bob')
  await waiting
})

test('waitForPeers shows keys where there are no names', async () => {
  const network = new MemoryNetwork()
  await using group = await createNetworkers(1, { network })
  const [known] = group.networkers
  await using networker = new Networker({ replicate: () => {} }, { transports: [network.transport()] })
  for (const each of [networker, known]) await each.configure(topic)
  await waitForPeers([networker, known], 1)
  await expect(waitForPeers([networker, known], 2, { timeout: 1 })).rejects.toThrow(
    `after 1 ms ${short(networker.keyPair.publicKey)} has 1 of 2 peers, a has 1 of 2 peers.\n\n` +
      `  ${short(networker.keyPair.publicKey)} -- ${short(known.keyPair.publicKey)}  topic 01010101\n\n` +
      `  a -- ${short(networker.keyPair.publicKey)}  topic 01010101\n\n`
  )
})

test('of a large group, a message shows those who lack peers, and not all else', async () => {
  await using group = await createNetworkers(26, { topology: 'star' })
  await group.disconnect('a', 'z')
  const error = await waitForPeers(group.networkers, 1, { timeout: 1 }).catch((reason: Error) => reason)
  const lines = error!.message.split('\n')
  expect(lines[0]).toBe('Timed out: after 1 ms z has 0 of 1 peers.')
  expect(lines[2]).toMatch(/^ {2}z -- nobody +no topic$/)
  expect(lines[3]).toBe('  a -- b, c, d, e, f, g, h, i and 16 more  no topic')
  expect(lines[26]).toBe('  ... and 2 more')
})

test('a wait that takes too long has the code TIMEOUT', () =>
  withPair(async ({ networkers: [a], stores: [store] }) => {
    const late = { name: 'NetworkerError', code: 'TIMEOUT' }
    await expect(waitForPeers(a, 1, { timeout: 1 })).rejects.toMatchObject(late)
    await expect(waitForBlocks(store.get({ name: 'log' }), 1, { timeout: 1 })).rejects.toMatchObject(late)
  }))

test('an aborted waitForPeers rejects with the reason of the signal', () =>
  withPair(async ({ networkers: [a] }) => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const waiting = waitForPeers(a, 1, { signal: controller.signal })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(waitForPeers(a, 0, { signal: controller.signal })).rejects.toBe(reason)
    expect(a.listenerCount('peer-add')).toBe(0)
  }))

test('a wait that is over leaves no timer and no listener', () =>
  withPair(async ({ networkers: [a] }) => {
    const { signal } = new AbortController()
    const before = timers()
    await waitForPeers(a, 0, { signal, timeout: 60_000 })
    expect(timers()).toBe(before)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  }))

test('the error of a wait points at the test that waited', () =>
  withPair(async ({ networkers: [a] }) => {
    const error = await waitForPeers(a, 1, { timeout: 1 }).catch((reason: Error) => reason)
    expect(error?.stack).toContain('waits.test.ts')
  }))

test('waitForBlocks waits for blocks that are written later', () =>
  withPair(async ({ networkers, stores }) => {
    const core = stores[0].get({ name: 'log' })
    await core.append('one')
    const copy = stores[1].get({ key: core.key })
    const waiting = waitForBlocks(copy, 3)
    for (const networker of networkers) await networker.configure(core.discoveryKey)
    await core.append(['two', 'three'])
    await waiting
    expect(copy.contiguousLength).toBe(3)
    await waitForBlocks(copy, 3, { timeout: 1000 })
    await waitForBlocks(copy, 0)
  }))

test('waitForBlocks tells who has how many blocks, and who is connected to whom', async () => {
  await using group = await createNetworkers(['alice', 'bob', 'carol', 'dave'], { topology: 'line' })
  const { alice, bob, carol, dave } = group.peers
  const core = alice.store.get({ name: 'log' })
  await core.append(['one', 'two'])
  const copies = [bob, dave].map(({ store }) => store.get({ key: core.key }))
  await waitForBlocks(copies[0]!, 2)
  await carol.networker.configure(core.discoveryKey)
  await expect(waitForBlocks(copies, 2, { timeout: 1 })).rejects.toThrow(
    `after 1 ms dave has 0 of 2 blocks, and 0 peers share the core.\n\n` +
      `core ${short(core.key)}, whose topic is ${short(core.discoveryKey)}:\n` +
      '  alice -- bob           no topic        2 of 2 blocks\n' +
      '  bob   -- alice, carol  no topic        2 of 2 blocks\n' +
      `  carol -- bob, dave     topic ${short(core.discoveryKey)}  not open\n` +
      '  dave  -- carol         no topic        0 of 2 blocks\n\n' +
      "Check that the core's writer has them"
  )
  await waitForBlocks([...copies, carol.store.get({ key: core.key })], 2)
})

test('waitForBlocks tells of each of several cores what is missing', async () => {
  await using group = await createNetworkers(['alice', 'bob', 'carol'], { topology: 'star' })
  const { alice, bob, carol } = group.peers
  const core = alice.store.get({ name: 'log' })
  await core.append(['one', 'two'])
  const copies = [bob, carol].map(({ store }) => store.get({ key: core.key }))
  await waitForBlocks(copies, 2)
  await carol.store.close()
  const error = await waitForBlocks([copies[0]!, core], 5, { timeout: 1 }).catch((reason: Error) => reason)
  expect(error?.message).toMatch(
    /^Timed out: after 1 ms bob has 2 of 5 blocks, and 1 peer shares the core, alice has 2 of 5 blocks, and . peers? shares? the core\.\n\ncore/
  )
  expect(error?.message.split('whose topic is')).toHaveLength(2)
  expect(error?.message).toMatch(/ {2}carol -- alice.* closed\n/)
})

test('an aborted waitForBlocks rejects with the reason of the signal', () =>
  withPair(async ({ stores }) => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const waiting = waitForBlocks(stores[0].get({ name: 'log' }), 1, { signal: controller.signal })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  }))

test('a download that claims to be done is looked at, and always destroyed', async () => {
  let destroyed = 0
  const core: ReplicatedCore = {
    peers: [],
    ready: () => Promise.resolve(),
    has: (start) => Promise.resolve(start === 1),
    download: () => ({ done: () => Promise.resolve(), destroy: () => destroyed++ })
  }
  await expect(waitForBlocks(core, 3)).rejects.toThrow(
    'Closed: after the download the core has 1 of 3 blocks, and 0 peers share the core.'
  )
  expect(destroyed).toBe(1)
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
