import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import {
  createNetworkers,
  type Networkers,
  type ReplicatedCore,
  replicated,
  waitForPeers
} from '../src/index.js'

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

test('waitForPeers tells who is missing whom, who is connected, and what to check', () =>
  withPair(async ({ networkers: [a, b] }) => {
    await expect(waitForPeers(a, 1, { timeout: 1 })).rejects.toThrow(
      `${short(a.keyPair.publicKey)} waited 1 ms for 1 peers: nobody is connected. Check that both sides configure()`
    )
    for (const networker of [a, b]) await networker.configure(topic)
    await waitForPeers(a, 1)
    await expect(waitForPeers(a, 2, { timeout: 1 })).rejects.toThrow(
      `for 2 peers: only ${short(b.keyPair.publicKey)} connected.`
    )
    expect(a.listenerCount('peer-add')).toBe(0)
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

test('replicated waits for blocks that are written later', () =>
  withPair(async ({ networkers, stores }) => {
    const core = stores[0].get({ name: 'log' })
    await core.append('one')
    const copy = stores[1].get({ key: core.key })
    const waiting = replicated(copy, 3)
    for (const networker of networkers) await networker.configure(core.discoveryKey)
    await core.append(['two', 'three'])
    await waiting
    expect(copy.contiguousLength).toBe(3)
    await replicated(copy, 3, { timeout: 1000 })
    await replicated(copy, 0)
  }))

test('replicated tells how many blocks are here, and from how many peers', () =>
  withPair(async ({ networkers, stores }) => {
    const core = stores[0].get({ name: 'log' })
    await core.append(['one', 'two'])
    const copy = stores[1].get({ key: core.key })
    await expect(replicated(copy, 5, { timeout: 1 })).rejects.toThrow(
      '0 of 5 blocks are here after 1 ms, and 0 peers share the core.'
    )
    for (const networker of networkers) await networker.configure(core.discoveryKey)
    await replicated(copy, 2)
    await expect(replicated(copy, 5, { timeout: 1 })).rejects.toThrow(
      '2 of 5 blocks are here after 1 ms, and 1 peer shares the core.'
    )
  }))

test('an aborted replicated rejects with the reason of the signal', () =>
  withPair(async ({ stores }) => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const waiting = replicated(stores[0].get({ name: 'log' }), 1, { signal: controller.signal })
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
  await expect(replicated(core, 3)).rejects.toThrow('1 of 3 blocks are here after the download')
  expect(destroyed).toBe(1)
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
