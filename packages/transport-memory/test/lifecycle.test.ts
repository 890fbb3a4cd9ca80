import { getEventListeners } from 'node:events'
import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { MemoryNetwork } from '../src/index.js'
import {
  announce,
  both,
  idle,
  keyPair,
  lookup,
  never,
  type Peer,
  peer,
  stop,
  topic,
  withPeers
} from './peers.js'

function connect(from: Peer, to: Peer, signal = never): Promise<void> {
  return from.transport.connect!(to.host.keyPair.publicKey, { signal })
}

test('connect dials by key, without a topic', () =>
  withPeers(2, async (a, b) => {
    await connect(a, b)
    expect(a.host.peers).toEqual([b.host.key])
    expect(a.host.connections[0]!.info).toEqual({ type: 'memory', remoteAddress: 'memory-2:1' })
    expect((await b.host.connection()).info.remoteAddress).toBe('memory-1:1')
  }))

test('connect resolves when the peer is connected already, also by its own dial', () =>
  withPeers(2, async (a, b) => {
    await connect(a, b)
    await b.host.connection()
    await connect(a, b)
    await connect(b, a)
    expect([a.host.connections.length, b.host.connections.length]).toEqual([1, 1])
  }))

test('connect resolves while a connection is open, though the peer takes no new ones', () =>
  withPeers(2, async (a, b) => {
    await connect(a, b)
    await b.host.connection()
    await b.transport.stop()
    await connect(a, b)
    expect(a.host.connections).toHaveLength(1)
  }))

test('connect does not count a connection that is being destroyed', () =>
  withPeers(2, async (a, b) => {
    await connect(a, b)
    a.host.connections[0]!.stream.destroy()
    await connect(a, b)
    expect(a.host.connections).toHaveLength(2)
  }))

test('calls of connect that overlap share one dial', () =>
  withPeers(2, async (a, b) => {
    await Promise.all([connect(a, b), connect(a, b)])
    await idle()
    expect(a.host.connections).toHaveLength(1)
  }))

test('connect rejects for a peer that is not there, is suspended, has stopped, or is not wanted', () =>
  withPeers(4, async (a, suspended, stopped, refusing) => {
    await suspended.transport.suspend!()
    await stop(stopped)
    refusing.host.admits = () => false
    const unknown: Peer = { ...stopped, host: new RecordingHost() }
    for (const other of [unknown, suspended, stopped]) {
      await expect(connect(a, other)).rejects.toThrow(/no peer with this key is started in this network/)
    }
    a.host.admits = () => false
    await expect(connect(a, refusing)).rejects.toThrow(/this peer does not want the other/)
    a.host.admits = () => true
    for (const other of [unknown, suspended, stopped, a]) {
      await expect(connect(a, other)).rejects.toMatchObject({ code: 'CONNECT_FAILED', transport: 'memory' })
    }
    expect(a.host.faults).toEqual([])
  }))

test('the error of connect has the reason why the handshake failed', async () => {
  const network = new MemoryNetwork()
  const broken = peer(
    network,
    new RecordingHost({ keyPair: { ...keyPair(), secretKey: keyPair().secretKey } })
  )
  const a = peer(network)
  try {
    await expect(connect(a, broken)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      cause: { code: 'HANDSHAKE_FAILED' }
    })
  } finally {
    await stop(a, broken)
  }
})

test('an aborted connect rejects with the reason of the signal, and its dial is given up', () =>
  withPeers(2, async (a, b) => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const connected = connect(a, b, controller.signal)
    controller.abort(reason)
    await expect(connected).rejects.toBe(reason)
    await expect(connect(a, b, controller.signal)).rejects.toBe(reason)
    await idle()
    expect([a.host.connections, b.host.connections]).toEqual([[], []])
  }))

test('an aborted connect does not spoil the next one, however soon that begins', async () => {
  for (let turns = 0; turns < 10; turns++) {
    await withPeers(2, async (a, b) => {
      const controller = new AbortController()
      const aborted = connect(a, b, controller.signal).catch(() => {})
      controller.abort()
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await connect(a, b)
      await aborted
    })
  }
})

test('an aborted connect does not abort a dial that a topic wants as well', () =>
  withPeers(2, async (a, b) => {
    const controller = new AbortController()
    b.transport.join(topic(), announce)
    a.transport.join(topic(), lookup)
    const connected = connect(a, b, controller.signal)
    controller.abort()
    await expect(connected).rejects.toBe(controller.signal.reason)
    await a.host.connection()
  }))

test('suspend ends all links, and no peer reaches this one until it resumes', () =>
  withPeers(3, async (a, b, c) => {
    a.transport.join(topic(), both)
    b.transport.join(topic(), both)
    const { stream } = await a.host.connection()
    const remote = await b.host.connection()
    await a.transport.suspend!()
    expect(stream.destroyed).toBe(true)
    await idle()
    expect(remote.stream.destroyed).toBe(true)

    c.transport.join(topic(), both)
    await c.transport.flush(topic(), { signal: never })
    expect(c.host.peers).toEqual([b.host.key])
    expect(c.host.asked).not.toContain(a.host.key)
    await expect(connect(c, a)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await expect(connect(a, c)).rejects.toThrow(/suspended/)
    expect(a.host.connections).toHaveLength(1)
  }))

test('resume takes up every topic, in the mode that it has by then', () =>
  withPeers(4, async (a, b, c, d) => {
    for (const n of [1, 2]) a.transport.join(topic(n), both)
    await a.transport.suspend!()
    await a.transport.leave(topic(2))
    a.transport.join(topic(3), announce)
    b.transport.join(topic(1), announce)
    for (const n of [2, 3]) c.transport.join(topic(n), lookup)
    await idle()
    expect(a.host.connections).toEqual([])
    expect(c.host.asked).toEqual([])

    await a.transport.resume!()
    await Promise.all([a.host.connection(1), b.host.connection(), c.host.connection()])
    expect(a.host.peers.sort()).toEqual([b.host.key, c.host.key].sort())
    expect(c.host.connections[0]!.info.topics).toEqual([topic(3)])

    d.transport.join(topic(1), lookup)
    await d.transport.flush(topic(1), { signal: never })
    expect(d.host.peers.sort()).toEqual([a.host.key, b.host.key].sort())
  }))

test('suspend aborts dials and arrivals', () =>
  withPeers(3, async (a, b, c) => {
    const dial = connect(a, b)
    const arrival = connect(c, a)
    await Promise.resolve()
    await a.transport.suspend!()
    await expect(dial).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await expect(arrival).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await idle()
    for (const { host } of [a, b, c]) expect(host.connections).toEqual([])
    for (const { host } of [a, b, c]) expect(host.faults).toEqual([])
  }))

test('a dial that arrives after suspend is refused', () =>
  withPeers(2, async (a, b) => {
    const dial = connect(a, b)
    await b.transport.suspend!()
    await expect(dial).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    expect(b.host.asked).toEqual([])
  }))

// The flush waits for an arrival. Suspend ends that, and the flush must not dial in its place.
test('a suspended peer does not dial', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), both)
    b.transport.join(topic(), both)
    await Promise.resolve()
    const flushed = a.transport.flush(topic(), { signal: never })
    await a.transport.suspend!()
    await flushed
    await idle()
    expect([a.host.asked, a.host.connections]).toEqual([[], []])
  }))

test('suspend aborts every connection that is coming from one key', async () => {
  const network = new MemoryNetwork()
  const pair = keyPair()
  const twins = [
    peer(network, new RecordingHost({ keyPair: pair })),
    peer(network, new RecordingHost({ keyPair: pair }))
  ]
  const a = peer(network)
  try {
    const dials = twins.map((twin) => connect(twin, a))
    await Promise.resolve()
    await a.transport.suspend!()
    for (const dial of dials) await expect(dial).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await idle()
    expect(a.host.connections).toEqual([])
  } finally {
    await stop(a, ...twins)
  }
})

test('flush and connect leave no listener on the signal', () =>
  withPeers(2, async (a, b) => {
    const { signal } = new AbortController()
    b.transport.join(topic(), announce)
    a.transport.join(topic(), lookup)
    await Promise.all([a.transport.flush(topic(), { signal }), connect(a, b, signal)])
    await expect(connect(a, a, signal)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  }))

test('stop aborts dials and arrivals, leaves the topics, and keeps streams that were handed over', () =>
  withPeers(4, async (a, b, c, d) => {
    a.transport.join(topic(), both)
    await connect(a, d)
    const dial = connect(a, b)
    a.host.abort()
    await a.transport.stop()
    await expect(dial).rejects.toMatchObject({ code: 'CONNECT_FAILED' })

    c.transport.join(topic(), both)
    await c.transport.flush(topic(), { signal: never })
    await idle()
    expect(c.host.connections).toEqual([])
    expect(a.host.peers).toEqual([d.host.key])
    expect(a.host.connections[0]!.stream.destroyed).toBe(false)
  }))

test('a transport that was never started can be stopped', async () => {
  await new MemoryNetwork().transport().stop()
})

test('nothing is handed over once the signal has aborted', () =>
  withPeers(3, async (a, b, c) => {
    a.transport.join(topic(), both)
    b.transport.join(topic(), both)
    const dial = connect(c, a)
    await Promise.resolve()
    a.host.abort()
    await dial.catch(() => {})
    await idle()
    expect(a.host.connections).toEqual([])
  }))

test('stop leaves no timer behind', async () => {
  const before = timers()
  await withPeers(3, async (a, b, c) => {
    for (const { transport } of [a, b, c]) transport.join(topic(), both)
    await idle()
    const dial = connect(a, b)
    await stop(a)
    await dial.catch(() => {})
  })
  await idle()
  expect(timers()).toBeLessThanOrEqual(before) // one of them may have been the test runner's
})

test('an error that is not of the network is reported as a fault, and leaves no link', async () => {
  const network = new MemoryNetwork()
  const [a, b] = [peer(network), peer(network)]
  const trouble = new Error('no key today')
  Object.defineProperty(b.host, 'keyPair', {
    get() {
      throw trouble
    }
  })
  try {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.faults).toEqual([trouble])
    expect(b.host.connections).toEqual([])
    await idle()
    expect(network.links).toBe(0)
  } finally {
    await stop(a, b)
  }
})

test('when the link function throws, only that dial fails, and nothing is left of it', async () => {
  const network = new MemoryNetwork({ link: () => ({ latency: -1 }) })
  const [a, b] = [peer(network), peer(network)]
  const cause = expect.objectContaining({ code: 'INVALID_OPTION' })
  try {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await b.transport.flush(topic(), { signal: never })
    await expect(connect(b, a)).rejects.toMatchObject({ code: 'CONNECT_FAILED', cause })
    expect(b.host.faults).toEqual([cause, cause, cause])
    expect(network.links).toBe(0)
  } finally {
    await stop(a, b)
  }
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
