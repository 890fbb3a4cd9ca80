import { expect, test } from 'vitest'
import { MemoryNetwork } from '../src/index.js'
import { announce, both, idle, lookup, never, type Peer, peers, stop, topic, withPeers } from './peers.js'

test('a peer that the networker does not want is not dialled', () =>
  withPeers(2, async (a, b) => {
    b.host.admits = () => false
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await idle()
    expect(b.host.asked).toEqual([a.host.key])
    expect(a.host.asked).toEqual([])
    expect(a.host.connections).toEqual([])
  }))

test('a peer that the networker does not want is refused once its handshake is done', () =>
  withPeers(2, async (a, b) => {
    a.host.admits = () => false
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await b.transport.flush(topic(), { signal: never })
    await idle()
    expect(a.host.asked[0]).toBe(b.host.key)
    expect(a.host.connections).toEqual([])
    expect(a.host.refused).toEqual([b.host.key])
    for (const { open } of b.host.connections) expect(open).toBe(false)
    expect([a.host.faults, b.host.faults]).toEqual([[], []])
  }))

// wants() is called before the dial, and again when the handshake is done. In between the answer may change.
test('a dialler that no longer wants the other after the handshake is handed nothing', () =>
  withPeers(2, async (a, { host, transport }) => {
    host.admits = () => host.asked.length <= 1
    a.transport.join(topic(), announce)
    transport.join(topic(), lookup)
    await idle()
    expect(host.asked).toHaveLength(2)
    expect(host.connections).toEqual([])
    for (const { stream } of a.host.connections) expect(stream.destroyed).toBe(true)
  }))

test('a peer that is connected is not dialled again', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(1), announce)
    b.transport.join(topic(1), lookup)
    await b.host.connection()
    a.transport.join(topic(2), both)
    b.transport.join(topic(2), both)
    await b.transport.flush(topic(2), { signal: never })
    await a.transport.flush(topic(2), { signal: never })
    await b.transport.connect!(a.host.keyPair.publicKey, { signal: never })
    await idle()
    expect(a.host.connections).toHaveLength(1)
    expect(b.host.connections).toHaveLength(1)
  }))

test('two peers that dial each other at once have two connections', () =>
  withPeers(2, async (a, b) => {
    await Promise.all([
      a.transport.connect!(b.host.keyPair.publicKey, { signal: never }),
      b.transport.connect!(a.host.keyPair.publicKey, { signal: never })
    ])
    await idle()
    expect(a.host.peers).toEqual([b.host.key, b.host.key])
    expect(b.host.peers).toEqual([a.host.key, a.host.key])
    const initiators = a.host.connections.map(({ stream }) => stream.isInitiator)
    expect(initiators.sort()).toEqual([false, true])
  }))

test('eight dials run at a time, and each asks wants() when its turn comes', async () => {
  let dials = 0
  const network = new MemoryNetwork({ onevent: ({ type }) => type === 'dial' && dials++ })
  const [a, ...others] = peers(network, 30) as [Peer, ...Peer[]]
  try {
    a.host.admits = () => a.host.connections.length === 0
    for (const { transport } of others) transport.join(topic(), announce)
    a.transport.join(topic(), lookup)
    await a.transport.flush(topic(), { signal: never })
    await idle()
    expect(dials).toBe(8)
    expect(a.host.connections).toHaveLength(1)
  } finally {
    await stop(a, ...others)
  }
})
