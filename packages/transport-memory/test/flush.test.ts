import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { MemoryNetwork } from '../src/index.js'
import { announce, both, idle, keyPair, lookup, never, peer, stop, topic, withPeers } from './peers.js'

test('when flush resolves, a lookup that begins afterwards finds us', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), announce)
    await a.transport.flush(topic(), { signal: never })
    b.transport.join(topic(), lookup)
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.peers).toEqual([a.host.key])
  }))

test('when flush resolves, each peer that was found is handed over', () =>
  withPeers(30, async (a, ...others) => {
    for (const { transport } of others) transport.join(topic(), announce)
    a.transport.join(topic(), both)
    await a.transport.flush(topic(), { signal: never })
    expect(new Set(a.host.peers).size).toBe(29)
  }))

// The other peer dials us: its connection is on its way when our flush begins.
//
//   b ──dial──▶ a
//               a.flush ······· waits ······▶ handed over
test('flush waits for a peer that is dialling us', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(), both)
    b.transport.join(topic(), both)
    await Promise.resolve()
    await a.transport.flush(topic(), { signal: never })
    expect(a.host.peers).toEqual([b.host.key])
    expect(a.host.connections[0]!.stream.isInitiator).toBe(false)
  }))

test('flush resolves when a peer refused or failed, after one try', async () => {
  const network = new MemoryNetwork()
  // Its secret key is that of another public key: no handshake with it succeeds.
  const broken = peer(
    network,
    new RecordingHost({ keyPair: { ...keyPair(), secretKey: keyPair().secretKey } })
  )
  const refusing = peer(network)
  const [good, seeker] = [peer(network), peer(network)]
  try {
    refusing.host.admits = () => false
    for (const { transport } of [broken, refusing, good]) transport.join(topic(), announce)
    seeker.transport.join(topic(), lookup)
    await seeker.transport.flush(topic(), { signal: never })
    expect(seeker.host.has(good.host.keyPair.publicKey)).toBe(true)
    await idle()
    expect(seeker.host.open.map(({ key }) => key)).toEqual([good.host.key])
    expect(refusing.host.asked).toEqual([seeker.host.key])
    expect(seeker.host.faults).toEqual([])
  } finally {
    await stop(broken, refusing, good, seeker)
  }
})

test('flush resolves when there is no peer, nothing to look up, or no such topic', () =>
  withPeers(1, async ({ transport }) => {
    transport.join(topic(1), both)
    transport.join(topic(2), announce)
    await transport.flush(topic(1), { signal: never })
    await transport.flush(topic(2), { signal: never })
    await transport.flush(topic(3), { signal: never })
  }))

test('flush does not wait for the peers of another topic', () =>
  withPeers(2, async (a, b) => {
    a.transport.join(topic(1), announce)
    b.transport.join(topic(1), lookup)
    b.transport.join(topic(2), lookup)
    await b.transport.flush(topic(2), { signal: never })
    expect(b.host.connections).toEqual([])
    await b.transport.flush(topic(1), { signal: never })
    expect(b.host.connections).toHaveLength(1)
  }))

test('an aborted flush rejects with the reason of the signal and leaves the topic joined', () =>
  withPeers(2, async (a, b) => {
    const reason = new Error('enough')
    const controller = new AbortController()
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const flushed = b.transport.flush(topic(), { signal: controller.signal })
    controller.abort(reason)
    await expect(flushed).rejects.toBe(reason)
    await expect(b.transport.flush(topic(), { signal: controller.signal })).rejects.toBe(reason)
    expect((await b.host.connection()).info.topics).toEqual([topic()])
  }))

test('suspend and stop end a flush', () =>
  withPeers(3, async (a, b, c) => {
    a.transport.join(topic(), announce)
    for (const { transport } of [b, c]) transport.join(topic(), lookup)
    const flushed = [b, c].map(({ transport }) => transport.flush(topic(), { signal: never }))
    await Promise.all([b.transport.suspend!(), c.transport.stop()])
    await Promise.all(flushed)
    await idle()
    expect([b.host.connections, c.host.connections]).toEqual([[], []])
    await b.transport.flush(topic(), { signal: never })
  }))
