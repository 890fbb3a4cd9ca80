import { readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryNetwork } from '@basestore/transport-memory'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createNetworkers, waitForBlocks, waitForPeers } from '../../src/index.js'

/** The folder for the directories of a test. The test can tell from it that none is left. */
let temporary: string

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'testkit-test-'))
  for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, temporary)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(temporary, { recursive: true, force: true })
})

test('networkers find each other and replicate', async () => {
  const { networkers, stores, close } = await createNetworkers(3)
  try {
    const core = stores[0].get({ name: 'log' })
    await core.append(['one', 'two'])
    for (const networker of networkers) await networker.configure(core.discoveryKey)
    for (const networker of networkers) await waitForPeers(networker, 2)
    for (const store of [stores[1], stores[2]]) {
      const copy = store.get({ key: core.key })
      await waitForBlocks(copy, 2)
      expect((await copy.get(1)).toString()).toBe('two')
    }
  } finally {
    await close()
  }
})

test('each networker has its own key and its own store', async () => {
  const { networkers, stores, close } = await createNetworkers(2)
  try {
    const keys = networkers.map(({ keyPair }) => Buffer.from(keyPair.publicKey).toString('hex'))
    expect(new Set(keys).size).toBe(2)
    const cores = stores.map((store) => store.get({ name: 'log' }))
    await Promise.all(cores.map((core) => core.ready()))
    expect(cores[0]!.key).not.toEqual(cores[1]!.key)
    const [directory] = await readdir(temporary)
    expect((await readdir(join(temporary, directory!))).sort()).toEqual(['0', '1'])
  } finally {
    await close()
  }
})

test('close ends everything and removes the directories, twice as well as once', async () => {
  const { networkers, stores, close } = await createNetworkers(2)
  await networkers[0].listen()
  const [first, second] = [close(), close()]
  expect(second).toBe(first)
  await first
  for (const networker of networkers)
    await expect(networker.listen()).rejects.toMatchObject({ code: 'CLOSED' })
  for (const { closing } of stores) expect(closing).toBeTruthy()
  expect(await readdir(temporary)).toEqual([])
})

test('close takes what a test closed itself', async () => {
  const { networkers, stores, close } = await createNetworkers(2)
  await networkers[0].close()
  await stores[0].close()
  await close()
  expect(await readdir(temporary)).toEqual([])
})

test('close closes the rest and tells when a networker fails to', async () => {
  const { networkers, stores, close } = await createNetworkers(2, {
    transports: (index) => {
      const transport = new MemoryNetwork().transport()
      if (index === 0) transport.stop = () => Promise.reject(new Error('stuck'))
      return [transport]
    }
  })
  for (const networker of networkers) await networker.listen()
  await expect(close()).rejects.toMatchObject({ code: 'STOP_FAILED' })
  for (const { closing } of stores) expect(closing).toBeTruthy()
  expect(await readdir(temporary)).toEqual([])
})

test('leaving the block of an await using closes it', async () => {
  let networker: { listen(): Promise<void> }
  {
    await using group = await createNetworkers(1)
    networker = group.networkers[0]
  }
  await expect(networker.listen()).rejects.toMatchObject({ code: 'CLOSED' })
  expect(await readdir(temporary)).toEqual([])
})

test('what fails half-way rejects and leaves nothing behind', async () => {
  const failure = new Error('no options for the second')
  const created = createNetworkers(3, {
    networker(index) {
      if (index === 1) throw failure
      return {}
    }
  })
  await expect(created).rejects.toBe(failure)
  expect(await readdir(temporary)).toEqual([])
})

test('a store that does not open rejects and leaves nothing behind', async () => {
  const created = createNetworkers(2, {
    networker(index) {
      const [directory] = readdirSync(temporary)
      if (index === 0) writeFileSync(join(temporary, directory!, '1'), 'a file where a store should be')
      return {}
    }
  })
  await expect(created).rejects.toThrow()
  expect(await readdir(temporary)).toEqual([])
})

test('options go to every networker, or to each its own', async () => {
  const id = Buffer.alloc(32, 7)
  const same = await createNetworkers(2, { networker: { id } })
  const own = await createNetworkers(2, { networker: (index) => ({ id: Buffer.alloc(32, index) }) })
  try {
    for (const networker of same.networkers) expect(networker.id).toEqual(id)
    expect(own.networkers.map(({ id: [first] }) => first)).toEqual([0, 1])
  } finally {
    await Promise.all([same.close(), own.close()])
  }
})

test('transports may be other ones, or more', async () => {
  const [lan, wan] = [new MemoryNetwork({ name: 'lan' }), new MemoryNetwork({ name: 'wan' })]
  const { networkers, close } = await createNetworkers(2, {
    transports: (index) => (index === 0 ? [lan.transport(), wan.transport()] : [wan.transport()])
  })
  try {
    const topic = Buffer.alloc(32, 1)
    for (const networker of networkers) await networker.configure(topic)
    await waitForPeers(networkers[0], 1)
    expect([...networkers[0].peers][0]!.remoteAddress).toBe('wan-2:1')
  } finally {
    await close()
  }
})

test('groups on one network meet, groups on two do not', async () => {
  const network = new MemoryNetwork({ seed: 'shared' })
  const groups = await Promise.all([
    createNetworkers(1, { network }),
    createNetworkers(1, { network }),
    createNetworkers(1, { seed: 5 })
  ])
  try {
    const [a, b, c] = groups.map(({ networkers: [networker] }) => networker)
    expect(groups.map((group) => group.network.seed)).toEqual(['shared', 'shared', 5])
    for (const networker of [a, b, c]) await networker!.configure(Buffer.alloc(32, 1))
    await waitForPeers(a!, 1)
    await waitForPeers(b!, 1)
    expect([...a!.peers][0]!.remotePublicKey).toEqual(Buffer.from(b!.keyPair.publicKey))
    expect(c!.peers.size).toBe(0)
  } finally {
    await Promise.all(groups.map(({ close }) => close()))
  }
})
