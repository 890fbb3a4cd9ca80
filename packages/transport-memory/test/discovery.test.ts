import type { EventEmitter } from 'node:events'
import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { toHex } from '../src/bytes.js'
import { MemoryNetwork } from '../src/index.js'
import { announce, both, idle, lookup, never, peer, peers, stop, topic, withPeers } from './peers.js'

test('a lookup finds a peer that announces, and each is handed the proven key of the other', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [atA, atB] = await Promise.all([a.host.connection(), b.host.connection()])

    expect(toHex(atA.stream.publicKey)).toBe(a.host.key)
    expect(atA.key).toBe(b.host.key)
    expect(atB.key).toBe(a.host.key)
    expect(atA.id).toBe(atB.id)
    expect([atA.stream.connected, atB.stream.connected]).toEqual([true, true])
    expect([atA.stream.isInitiator, atB.stream.isInitiator]).toEqual([false, true])
  }))

test('the info of a stream has type and address at both ends, and topics at the dialler', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [atA, atB] = await Promise.all([a.host.connection(), b.host.connection()])
    expect(atA.info).toEqual({ type: 'memory', remoteAddress: 'memory-2:1' })
    expect(atB.info).toEqual({ type: 'memory', remoteAddress: 'memory-1:1', topics: [topic()] })
  }))

test('the info of a peer that is found under two topics at once has both', () =>
  withPeers(2, async (a, b) => {
    for (const n of [1, 2]) a.transport.join(topic(n), announce)
    for (const n of [1, 2]) b.transport.join(topic(n), lookup)
    expect((await b.host.connection()).info.topics).toEqual([topic(1), topic(2)])
    await idle()
    expect(b.host.connections).toHaveLength(1)
  }))

test('the streams carry data both ways, encrypted', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [atA, atB] = await Promise.all([a.host.connection(), b.host.connection()])
    const raw: string[] = []
    // Prepended: secret-stream's own listener decrypts in place.
    const rawStream = atA.stream.rawStream as EventEmitter
    rawStream.prependListener('data', (data) => raw.push(data.toString()))

    const read: string[] = []
    atA.stream.on('data', (data) => read.push(`a: ${data}`))
    atB.stream.on('data', (data) => read.push(`b: ${data}`))
    atA.stream.write(Buffer.from('from a'))
    atB.stream.write(Buffer.from('from b'))
    await idle()
    expect(read.sort()).toEqual(['a: from b', 'b: from a'])
    expect(raw).toHaveLength(1)
    expect(raw[0]).not.toContain('from b')
  }))

test('a standing lookup finds a peer that announces later', () =>
  withPeers(2, async (a, b) => {
    b.transport.join(topic(), lookup)
    await idle()
    a.transport.join(topic(), announce)
    expect((await b.host.connection()).info.topics).toEqual([topic()])
  }))

test.each([
  ['two that only announce', announce, announce],
  ['two that only look up', lookup, lookup]
])('%s do not meet', (_, modeA, modeB) =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), modeA)
    b.transport.join(topic(), modeB)
    await idle()
    expect(a.host.connections).toEqual([])
    expect(b.host.connections).toEqual([])
  })
)

test('a peer does not find itself', () =>
  withPeers(1, async ({ host, transport }) => {
    transport.join(topic(), both)
    await transport.flush(topic(), { signal: never })
    expect(host.asked).toEqual([])
  }))

test('peers of two topics do not find each other', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(1), both)
    b.transport.join(topic(2), both)
    await idle()
    expect(a.host.connections).toEqual([])
  }))

test('two networks never see each other', async () => {
  const host = new RecordingHost()
  const a = peer(new MemoryNetwork(), host)
  const b = peer(new MemoryNetwork())
  try {
    a.transport.join(topic(), both)
    b.transport.join(topic(), both)
    await idle()
    expect(b.host.connections).toEqual([])
    await expect(b.transport.connect!(host.keyPair.publicKey, { signal: never })).rejects.toMatchObject({
      code: 'CONNECT_FAILED'
    })
  } finally {
    await stop(a, b)
  }
})

test('many peers under one topic make a full mesh, with one connection for each pair', () =>
  withPeers(6, async (...all) => {
    for (const { transport } of all) transport.join(topic(), both)
    await Promise.all(all.map(({ host }) => host.connection(4)))
    await idle()
    for (const { host } of all) {
      expect(new Set(host.peers).size).toBe(5)
      expect(host.connections).toHaveLength(5)
    }
  }))

test('a topic that is joined anew takes the new mode', () =>
  withPeers(3, async (a, b, c) => {
    a.transport.join(topic(), both)
    a.transport.join(topic(), lookup)
    b.transport.join(topic(), lookup)
    await idle()
    expect(b.host.connections).toEqual([])

    b.transport.join(topic(), announce)
    await a.host.connection()
    a.transport.join(topic(), announce)
    c.transport.join(topic(), announce)
    await idle()
    expect(a.host.peers).toEqual([b.host.key])
  }))

test('leave ends announcement and lookup, and keeps open streams', () =>
  withPeers(4, async (a, b, c, d) => {
    a.transport.join(topic(), both)
    b.transport.join(topic(), lookup)
    await a.host.connection()
    await a.transport.leave(topic())

    c.transport.join(topic(), lookup)
    d.transport.join(topic(), announce)
    await idle()
    expect(a.host.peers).toEqual([b.host.key])
    expect(a.host.connections[0]!.stream.destroying).toBe(false)

    a.transport.join(topic(), lookup)
    await a.host.connection(1)
    expect(a.host.peers[1]).toBe(d.host.key)
  }))

test('a peer that leaves right after joining is not found', () =>
  withPeers(2, async (a, b) => {
    b.transport.join(topic(), lookup)
    a.transport.join(topic(), announce)
    await a.transport.leave(topic())
    await idle()
    expect(b.host.asked).toEqual([])
  }))

test('a leave right after a join ends the dials whose turn has not come', () =>
  withPeers(20, async (a, ...others) => {
    for (const { transport } of others) transport.join(topic(), announce)
    a.transport.join(topic(), lookup)
    await a.transport.leave(topic())
    await idle()
    expect(a.host.connections).toHaveLength(8)
  }))

test('a peer that closed is not dialled again by a standing lookup, but by the next flush', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    ;(await b.host.connection()).stream.destroy()
    await idle()
    expect(b.host.connections).toHaveLength(1)
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.connections).toHaveLength(2)
  }))

test('a peer that was dialled dials in turn once that connection has closed', () =>
  withPeers(2, async (a, b) => {
    for (const { transport } of [a, b]) transport.join(topic(), both)
    ;(await a.host.connection()).stream.destroy()
    await a.transport.flush(topic(), { signal: never })
    expect(a.host.connections.map(({ stream }) => stream.isInitiator)).toEqual([false, true])
  }))

async function orderOfDials(seed: number | string, bystanders = 0): Promise<number[]> {
  const network = new MemoryNetwork({ seed })
  const seeker = peer(network)
  const found = peers(network, 12)
  const others = peers(network, bystanders)
  try {
    for (const { transport } of found) transport.join(topic(), announce)
    for (const { transport } of others) transport.join(topic(), lookup)
    seeker.transport.join(topic(), lookup)
    await seeker.host.connection(11)
    const keys = found.map(({ host }) => host.key)
    return seeker.host.peers.map((key) => keys.indexOf(key))
  } finally {
    await stop(seeker, ...found, ...others)
  }
}

test('the same seed gives the same order of dials, another seed another', async () => {
  const order = await orderOfDials(1)
  expect(await orderOfDials(1)).toEqual(order)
  expect(await orderOfDials('1')).toEqual(order)
  expect(await orderOfDials(2)).not.toEqual(order)
  expect(order).not.toEqual([...order].sort((a, b) => a - b))
})

test('two peers of one network dial in different orders', async () => {
  const network = new MemoryNetwork()
  const found = peers(network, 12)
  const seekers = peers(network, 2)
  try {
    for (const { transport } of found) transport.join(topic(), announce)
    for (const { transport } of seekers) transport.join(topic(), lookup)
    const [one, other] = seekers.map(({ host }) => host)
    await Promise.all(seekers.map(({ host }) => host.connection(11)))
    expect(one!.peers).not.toEqual(other!.peers)
  } finally {
    await stop(...found, ...seekers)
  }
})

test('more peers do not change the order in which one of them dials', async () => {
  expect(await orderOfDials(1, 3)).toEqual(await orderOfDials(1))
})

test('a seed that is neither a string nor a finite number is refused', () => {
  expect(() => new MemoryNetwork({ seed: Number.NaN })).toThrow(/seed must be a string or a finite number/)
})

test('a network has a name, which its transports and addresses carry', async () => {
  const network = new MemoryNetwork({ name: 'lan' })
  const [a, b] = [peer(network), peer(network)]
  try {
    expect(a.transport.name).toBe('lan')
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    expect((await b.host.connection()).info).toMatchObject({ type: 'memory', remoteAddress: 'lan-1:1' })
  } finally {
    await stop(a, b)
  }
})
