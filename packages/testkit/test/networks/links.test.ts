import { readdir } from 'node:fs/promises'
import type { NoiseStream, Transport, TransportHost } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import { afterEach, expect, test, vi } from 'vitest'
import { createNetworkers, waitForBlocks } from '../../src/index.js'
import { inDirectory } from '../support/child.js'

const topic = Buffer.alloc(32, 1)

afterEach(() => {
  vi.unstubAllEnvs()
})

test('connect links two peers that the topology does not', async () => {
  await using group = await createNetworkers(['alice', 'bob', 'carol'], { topology: 'line' })
  await group.connect('carol', 'alice')
  expect(group.neighbours('alice')).toEqual(['bob', 'carol'])
  expect(group.neighbours('carol')).toEqual(['alice', 'bob'])
  await group.connect('alice', 'carol')
})

test('disconnect cuts a link until connect mends it, whatever their topics', async () => {
  await using group = await createNetworkers(['alice', 'bob'])
  const { alice, bob } = group.peers
  for (const { networker } of [alice, bob]) await networker.configure(topic)
  const log = alice.store.get({ name: 'log' })
  await log.ready()
  const copy = bob.store.get({ key: log.key })

  await group.disconnect('bob', 'alice')
  expect(group.neighbours('alice')).toEqual([])
  expect(group.neighbours('bob')).toEqual([])
  await log.append('while nobody hears')
  for (const { networker } of [alice, bob]) await networker.configure(log.discoveryKey)
  expect(group.neighbours('alice')).toEqual([])

  await group.connect('bob', 'alice')
  await waitForBlocks(copy, 1)
})

test('disconnect of two that are not connected keeps them apart', async () => {
  await using group = await createNetworkers(['alice', 'bob', 'carol'])
  await group.disconnect('alice', 'bob')
  for (const networker of group.networkers) await networker.configure(topic)
  expect(group.neighbours('carol')).toEqual(['alice', 'bob'])
  expect(group.neighbours('alice')).toEqual(['carol'])
})

test('a topology does not restrict a networker from outside the group', async () => {
  const network = new MemoryNetwork()
  await using group = await createNetworkers(['alice', 'bob'], { network, topology: [] })
  await using others = await createNetworkers(['eve'], { network })
  const { eve } = others.peers
  await eve.networker.configure(topic)
  await group.peers.alice.networker.configure(topic)
  const key = Buffer.from(eve.networker.keyPair.publicKey).toString('hex')
  expect(group.neighbours('alice')).toEqual([key.slice(0, 8)])
})

test('functions of a group may be taken out of it', async () => {
  const { connect, disconnect, neighbours, map, close } = await createNetworkers(2)
  try {
    await connect('a', 'b')
    expect(neighbours('a')).toEqual(['b'])
    await disconnect('a', 'b')
    expect(map()).toBe('  a -- nobody  no topic\n  b -- nobody  no topic')
  } finally {
    await close()
  }
})

test('a star of many peers causes no warning about too many listeners', async () => {
  const warned = vi.fn()
  process.on('warning', warned)
  try {
    await using group = await createNetworkers(14, { topology: 'star' })
    expect(group.networkers[0]!.peers.size).toBe(13) // Node.js warns of more than ten listeners
    expect(group.networkers[0]!.listenerCount('peer-add')).toBe(0)
  } finally {
    process.removeListener('warning', warned)
  }
  expect(warned).not.toHaveBeenCalled()
})

test('createNetworkers tells which link was refused, and leaves nothing behind', () =>
  inDirectory(async (directory) => {
    for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, directory)
    const created = createNetworkers(['alice', 'bob', 'carol'], {
      topology: 'line',
      networker: (_, name) => (name === 'carol' ? { firewall: () => true } : {})
    })
    await expect(created).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringMatching(
        /^Could not connect: no link from bob to carol: Could not connect: .*\n\n {2}alice -- /
      ),
      cause: { code: 'CONNECT_FAILED' }
    })
    await expect(created).rejects.toThrow('\n  carol -- nobody  no topic')
    expect(await readdir(directory)).toEqual([])
  }))

test('createNetworkers tells which link did not come about in time', async () => {
  const created = createNetworkers(['alice', 'bob'], {
    topology: 'line',
    timeout: 50,
    networker: (_, name) => (name === 'bob' ? { firewall: () => new Promise(() => {}) } : {})
  })
  await expect(created).rejects.toMatchObject({ code: 'TIMEOUT' })
  await expect(created).rejects.toThrow(
    /^Timed out: after 50 ms there is no alice -- bob\.\n\n {2}alice -- .*\n {2}bob {3}-- nobody {2}no topic\n\nCheck firewall/
  )
})

test('an aborted createNetworkers rejects with the reason of the signal', async () => {
  const reason = new Error('enough')
  const created = createNetworkers(2, {
    topology: 'line',
    signal: AbortSignal.abort(reason),
    networker: { firewall: () => true }
  })
  await expect(created).rejects.toBe(reason)
})

test('a link that a transport cannot dial is told with its cause', async () => {
  const group = createNetworkers(2, { topology: 'line', transports: () => [silent([])] })
  await expect(group).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(
      /^Not supported: no link from a to b: Not supported: .*\n\n {2}a -- nobody/
    ),
    cause: { code: 'UNSUPPORTED' }
  })
})

test('names that are not of the group are refused', async () => {
  await using group = await createNetworkers(['alice', 'bob'])
  const nobody = 'nobody' as 'bob'
  const refused = { code: 'INVALID_OPTION', message: expect.stringContaining("no peer is called 'nobody'") }
  expect(() => group.neighbours(nobody)).toThrow(expect.objectContaining(refused))
  await expect(group.connect('alice', nobody)).rejects.toMatchObject(refused)
  await expect(group.disconnect('alice', nobody)).rejects.toMatchObject(refused)
})

test('a transport is told that a peer without a link is not wanted, and its stream is destroyed if it comes all the same', async () => {
  const hosts: TransportHost[] = []
  await using group = await createNetworkers(3, { topology: [], transports: () => [silent(hosts)] })
  for (const networker of group.networkers) await networker.listen()
  const [a, b] = group.networkers
  expect(hosts[0]!.wants(b.keyPair.publicKey)).toBe(false)
  expect(hosts[0]!.wants(Buffer.alloc(32, 7))).toBe(true)

  const fault = vi.fn()
  a.on('fault', fault)
  const stream = handedOver(b.keyPair.publicKey)
  hosts[0]!.connected(stream, { type: 'test' })
  expect(stream.destroy).toHaveBeenCalledOnce()
  hosts[0]!.connected(handedOver(Buffer.alloc(32, 7)), { type: 'test' })
  expect(fault).toHaveBeenCalledOnce() // this one reached the networker, which found that it is no stream
})

test('disconnect that takes too long tells who is still connected', async () => {
  await using group = await createNetworkers(['alice', 'bob'], { topology: 'line' })
  const streams = group.networkers.flatMap((networker) => [...networker.streams])
  const destroyed = streams.map((stream) => vi.spyOn(stream, 'destroy').mockImplementation(() => stream))
  await expect(group.disconnect('alice', 'bob', { timeout: 1 })).rejects.toThrow(
    'Timed out: after 1 ms alice and bob are still connected.\n\n  alice -- bob'
  )
  for (const mock of destroyed) mock.mockRestore()
})

/** A transport that finds and dials nobody. */
function silent(hosts: TransportHost[]): Transport {
  return {
    name: 'silent',
    start: (host) => {
      hosts.push(host)
    },
    join: () => {},
    leave: () => {},
    flush: () => Promise.resolve(),
    stop: () => {}
  }
}

function handedOver(remotePublicKey: Uint8Array): NoiseStream {
  return { remotePublicKey, on: vi.fn(), destroy: vi.fn() } as unknown as NoiseStream
}
