import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  type DialFailure,
  Networker,
  NetworkerError,
  type NetworkerOptions,
  type PeerExplanation,
  type TopicExplanation
} from '../src/index.js'
import { FakeTransport, fakeStore, newKeyPair, noisePair, topic } from './support.js'

const TOPIC = topic(1)

async function withNetworker(
  run: (networker: Networker, transport: FakeTransport) => Promise<void>,
  options: Partial<NetworkerOptions> = {}
): Promise<void> {
  const transport = new FakeTransport()
  const networker = new Networker(fakeStore(), { transports: [transport], warn: false, ...options })
  try {
    await networker.configure(TOPIC)
    await run(networker, transport)
  } finally {
    await networker.close()
  }
}

const peerOf = async (networker: Networker, key: Uint8Array) =>
  (await networker.explain(key)) as PeerExplanation
const topicOf = async (networker: Networker) => (await networker.explain(TOPIC)) as TopicExplanation

it('tells what a transport found and tried', () =>
  withNetworker(async (networker, { host }) => {
    const remotePublicKey = randomBytes(32)
    host.note({ type: 'announced', topic: TOPIC, nodes: 20 })
    host.note({ type: 'lookup', topic: TOPIC, found: 1 })
    host.note({ type: 'found', topic: TOPIC, remotePublicKey })
    expect(await peerOf(networker, remotePublicKey)).toMatchObject({ cause: 'waiting', dialling: null })
    host.note({ type: 'dial', remotePublicKey })
    expect(await peerOf(networker, remotePublicKey)).toMatchObject({ cause: 'dialling' })
    expect(await topicOf(networker)).toMatchObject({ cause: 'none-connected', tried: [] })
    const nat = { ours: 'random', theirs: 'consistent' }
    host.note({ type: 'failed', remotePublicKey, outcome: 'nat', nat, cause: new Error('no hole') })

    const explained = await peerOf(networker, remotePublicKey)
    const attempt = { transport: 'fake', direction: 'out', outcome: 'nat', nat, detail: 'no hole' }
    expect(explained).toMatchObject({ cause: 'nat', dialling: null, failures: 1, attempts: [attempt] })
    expect(explained.found).toMatchObject([{ topic: TOPIC, transport: 'fake' }])
    expect(String(explained).split('\n')).toEqual([
      expect.stringMatching(
        /^Peer \w{52} is not connected: the routers of both sides let no connection through\./
      ),
      expect.stringMatching(/^ {2}It was found by fake under topic \w{52}, 0(\.\d)? s ago\.$/),
      expect.stringMatching(
        /^ {2}It was dialled in vain once by us, 0 times by the peer, the last time over fake, 0/
      ),
      "  The routers: ours is 'random', its is 'consistent'.",
      '  The transport says: no hole.'
    ])
    const transports = [
      { transport: 'fake', online: 'online', announced: { nodes: 20 }, lookup: { found: 1 } }
    ]
    const found = [remotePublicKey]
    expect(await topicOf(networker)).toMatchObject({ transports, found, tried: found, connected: [] })
  }))

it('tells of a connection, and how it ended', () =>
  withNetworker(async (networker, transport) => {
    const [stream, remote] = await transport.handOver(undefined, {
      type: 'udx',
      remoteAddress: '10.0.0.1:4000',
      relayed: true,
      topics: [TOPIC]
    })
    const key = stream.remotePublicKey
    const explained = await peerOf(networker, key)
    expect(explained).toMatchObject({
      cause: 'connected',
      connection: {
        transport: 'fake',
        type: 'udx',
        relayed: true,
        direction: 'out',
        remoteAddress: '10.0.0.1:4000'
      }
    })
    expect(String(explained)).toMatch(
      /is connected\.\n(.|\n)* {2}The connection is over fake \(udx\), relayed, with 10\.0\.0\.1:4000, we/
    )
    expect(await networker.explain(networker.peer(key)!)).toEqual(explained)
    expect(await topicOf(networker)).toMatchObject({ cause: 'connected', connected: [Buffer.from(key)] })

    const removed = new Promise((resolve) => networker.once('peer-remove', resolve))
    remote.destroy()
    await removed
    const lost = await peerOf(networker, key)
    expect(lost).toMatchObject({ cause: 'lost', connection: null, last: { ended: 'lost', direction: 'out' } })
    expect(lost.last!.bytesRead).toBeGreaterThan(0)
    expect(String(lost)).toContain('The last connection, over fake (udx), took')
  }))

it('says so of what it does not know', () =>
  withNetworker(async (networker) => {
    const text = String(await networker.explain(randomBytes(32)))
    expect(text).toMatch(
      /never found under any topic; is it announced, and under which topic\?\n {2}If this is a topic/
    )
    const unknown = await networker.explain({ discoveryKey: topic(2) })
    expect(unknown).toMatchObject({ type: 'topic', cause: 'not-configured', mode: null })
    expect(String(unknown)).toContain('it is not configured')
    expect(await networker.explain(networker.keyPair.publicKey)).toMatchObject({ cause: 'own-key' })
    await expect(networker.explain(Buffer.alloc(3))).rejects.toMatchObject({ code: 'INVALID_TOPIC' })
  }))

it('tells the error of a transport that tells nothing else', () =>
  withNetworker(async (networker, transport) => {
    const dialling = Object.assign(transport, {
      connect: () => Promise.reject(new Error('the cable is red'))
    })
    const key = randomBytes(32)
    await expect(networker.connect(key)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    const explained = await peerOf(networker, key)
    expect(explained).toMatchObject({
      cause: 'failed',
      attempts: [{ outcome: 'failed', detail: 'the cable is red' }]
    })
    // One that tells its notes is not counted twice.
    dialling.connect = () => {
      transport.host.note({ type: 'failed', remotePublicKey: key, outcome: 'gone' })
      return Promise.reject(new Error('gone'))
    }
    await expect(networker.connect(key)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    expect(await peerOf(networker, key)).toMatchObject({ cause: 'gone', failures: 2 })
  }))

it('takes malformed notes and unknown outcomes, and throws nothing into a transport', () =>
  withNetworker(async (networker, { host }) => {
    const remotePublicKey = randomBytes(32)
    const malformed: unknown[] = [null, undefined, 'found', {}, { type: 'later', topic: TOPIC }]
    malformed.push({ type: 'found', topic: TOPIC, remotePublicKey: Buffer.alloc(3) })
    malformed.push({ type: 'lookup', topic: 'x', found: 1 }, { type: 'dial' })
    for (const note of malformed) host.note(note as never)
    host.note({ type: 'failed', remotePublicKey, outcome: '__proto__' as DialFailure })
    expect(await peerOf(networker, remotePublicKey)).toMatchObject({ cause: 'failed' })
    host.note({ type: 'found', topic: topic(9), remotePublicKey })
    expect((await peerOf(networker, remotePublicKey)).found).toEqual([])
  }))

it('remembers the latest 32 dials of a peer, and the number of all', () =>
  withNetworker(async (networker, { host }) => {
    const remotePublicKey = randomBytes(32)
    const cause = (n: number) => new Error(`${n} ${'x'.repeat(10_000)}`)
    for (let n = 0; n < 40; n++)
      host.note({ type: 'failed', remotePublicKey, outcome: 'timeout', cause: cause(n) })
    for (let n = 0; n < 40; n++) host.note({ type: 'found', topic: TOPIC, remotePublicKey })
    const { attempts, failures, found } = await peerOf(networker, remotePublicKey)
    expect([attempts.length, failures, found.length]).toEqual([32, 40, 1])
    expect(attempts[0]!.detail).toMatch(/^8 x+/)
    expect(attempts[0]!.detail!.length).toBeLessThan(1_000)
  }))

it('remembers 1,024 peers, and those that we sought longer than strangers', () =>
  withNetworker(async (networker, { host }) => {
    const keys = Array.from({ length: 1_100 }, () => randomBytes(32))
    for (const remotePublicKey of keys) host.note({ type: 'failed', remotePublicKey, outcome: 'timeout' })
    const causes = await Promise.all(keys.map(async (key) => (await peerOf(networker, key)).cause))
    expect(causes.filter((cause) => cause === 'timeout')).toHaveLength(1_024)
    expect(causes.slice(0, 76).every((cause) => cause === 'not-found')).toBe(true)
  }))

it('forgets strangers first, however many our firewall refuses', () =>
  withNetworker(
    async (networker, transport) => {
      const remotePublicKey = randomBytes(32)
      transport.host.note({ type: 'failed', remotePublicKey, outcome: 'gone' })
      const strangers = []
      for (let n = 0; n < 1_030; n++) {
        const ours = transport.host.keyPair as ReturnType<typeof newKeyPair>
        const [theirs, stream] = await noisePair(newKeyPair(), ours)
        strangers.push(stream.remotePublicKey)
        transport.host.connected(stream, { type: 'fake' })
        theirs.destroy()
      }
      expect(await peerOf(networker, remotePublicKey)).toMatchObject({ cause: 'gone' })
      expect(await peerOf(networker, strangers.at(-1)!)).toMatchObject({ cause: 'our-firewall' })
    },
    { firewall: () => true }
  ))

it('keeps a connected peer that had failed before', () =>
  withNetworker(async (networker, transport) => {
    const { host } = transport
    const keyPair = newKeyPair()
    host.note({ type: 'failed', remotePublicKey: keyPair.publicKey, outcome: 'timeout' })
    await transport.handOver(keyPair)
    for (let n = 0; n < 3_000; n++) host.note({ type: 'dial', remotePublicKey: randomBytes(32) })
    expect(await peerOf(networker, keyPair.publicKey)).toMatchObject({ cause: 'connected', failures: 1 })
  }))

it('names the latest topics of a peer that was found under many', () =>
  withNetworker(async (networker, { host }) => {
    const remotePublicKey = randomBytes(32)
    for (let n = 2; n < 22; n++) {
      await networker.configure(topic(n), { flush: false })
      host.note({ type: 'found', topic: topic(n), remotePublicKey })
    }
    const explained = await peerOf(networker, remotePublicKey)
    expect(explained.found.map((finding) => finding.topic[0])).toEqual(
      Array.from({ length: 16 }, (_, n) => n + 6)
    )
    expect(String(explained)).toMatch(/(by fake under topic \w{52}, \S+ s ago; ){3}and under 13 more\./)
  }))

it('names what is in the way now before what happened', () =>
  withNetworker(async (networker, { host }) => {
    const remotePublicKey = randomBytes(32)
    host.note({ type: 'failed', remotePublicKey, outcome: 'timeout' })
    host.fault(new NetworkerError('CONNECT_FAILED', 'no node answers'))
    host.online('offline')
    expect((await peerOf(networker, remotePublicKey)).cause).toBe('offline')
    expect(String(await networker.explain(TOPIC))).toContain(
      'Its trouble: Could not connect: no node answers.'
    )
    host.online('online')
    expect((await peerOf(networker, remotePublicKey)).cause).toBe('timeout')
    host.note({ type: 'dial', remotePublicKey })
    host.note({ type: 'failed', remotePublicKey, outcome: 'aborted' })
    expect(await peerOf(networker, remotePublicKey)).toMatchObject({
      cause: 'timeout',
      dialling: null,
      failures: 1
    })
    networker.disconnect(remotePublicKey, { ban: 60_000 })
    expect((await peerOf(networker, remotePublicKey)).cause).toBe('our-ban')
  }))
