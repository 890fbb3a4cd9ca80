import { inspect } from 'node:util'
import { encode } from 'hypercore-id-encoding'
import { describe, expect, it } from 'vitest'
import { Networker, type Peer } from '../src/index.js'
import { FakeTransport, fakeStore, newKeyPair, next, topic } from './support.js'

/** A networker with a topic and a peer. */
async function connected() {
  const keyPair = newKeyPair()
  const transport = new FakeTransport()
  const networker = new Networker(fakeStore(), { transports: [transport], keyPair })
  await networker.configure(topic(1), { lookup: false })
  const added = next(networker, 'peer-add')
  const [, remote] = await transport.handOver(newKeyPair(), { type: 'fake', remoteAddress: '10.0.0.1:7' })
  const [peer] = (await added) as [Peer]
  return { networker, transport, peer, remote, keyPair }
}

/** All that logs and JSON show of a value, however deep. */
function shownOf(value: unknown): string {
  const full = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null }
  const seen = new Set<unknown>()
  const once = (_: string, part: unknown) => {
    if (typeof part !== 'object' || part === null) return part
    if (seen.has(part)) return undefined
    seen.add(part)
    return part
  }
  return [
    inspect(value, full),
    inspect(value, { ...full, customInspect: false }),
    JSON.stringify(value, once)
  ].join('\n')
}

/** Whether a text has the secret half of a key pair, in one of the forms in which bytes are shown. */
function tells(text: string, { secretKey }: { secretKey: Uint8Array }): boolean {
  const seed = Buffer.from(secretKey.subarray(0, 16)) // the rest of its 64 bytes has the public key
  const forms = [
    seed.toString('hex'),
    seed.toString('hex').replace(/..(?!$)/g, '$& '), // <Buffer 01 02>
    [...seed].join(','),
    inspect(new Uint8Array(seed)).replace(/^.*\[\s*|\s*\]$/g, '')
  ]
  const compact = text.replace(/\s+/g, ' ')
  return forms.some((form) => compact.includes(form.replace(/\s+/g, ' ')))
}

describe('a networker', () => {
  it('is shown by its key, its topics and its peers', async () => {
    const { networker, peer, keyPair } = await connected()
    const facts = {
      publicKey: encode(keyPair.publicKey),
      topics: [{ discoveryKey: encode(topic(1)), announce: true, lookup: false, flushed: true }],
      peers: [
        {
          remotePublicKey: encode(peer.remotePublicKey),
          remoteAddress: '10.0.0.1:7',
          transport: 'fake',
          type: 'fake',
          direction: 'out',
          topics: [],
          since: new Date(peer.since).toISOString(),
          bytesRead: peer.bytesRead,
          bytesWritten: peer.bytesWritten
        }
      ]
    }
    expect(JSON.parse(JSON.stringify(networker))).toEqual(facts)
    expect(inspect(networker)).toBe(`Networker ${inspect(facts)}`)
    expect(inspect({ a: { b: { c: networker } } })).toMatch(/c: \[Networker\]/)
    expect(String(networker)).toBe(`Networker ${facts.publicKey}`)
    await networker.close()
  })

  it('is shown in a few lines, whatever it has', async () => {
    const networker = new Networker(fakeStore(), { transports: [new FakeTransport()] })
    await Promise.all(Array.from({ length: 200 }, (_, i) => networker.configure(topic(i))))
    const text = inspect(networker)
    expect(text).toMatch(/190 more items/)
    expect(text.split('\n').length).toBeLessThan(80)
    await networker.close()
  })
})

describe('a peer', () => {
  it('is shown by its key, its way and its bytes', async () => {
    const { networker, peer } = await connected()
    const { remoteAddress, transport, type, direction, bytesRead, bytesWritten } = peer
    const facts = {
      remotePublicKey: encode(peer.remotePublicKey),
      remoteAddress,
      transport,
      type,
      direction,
      topics: [],
      since: new Date(peer.since).toISOString(),
      bytesRead,
      bytesWritten
    }
    expect(JSON.parse(JSON.stringify(peer))).toEqual(facts)
    expect(inspect(peer)).toBe(`Peer ${inspect(facts)}`)
    expect(`${peer}`).toBe(`Peer ${facts.remotePublicKey}`)
    await networker.close()
  })
})

describe('the secret key', () => {
  it('is read by its name, and by nothing that shows what holds it', async () => {
    const { networker, transport, peer, keyPair } = await connected()
    expect(networker.keyPair).toBe(keyPair)
    expect(transport.host.keyPair.secretKey).toBe(keyPair.secretKey)
    expect(tells(shownOf(keyPair), keyPair)).toBe(true) // so the test would see it
    for (const holder of [networker, { networker }, transport, transport.host, { ...transport.host }, peer]) {
      expect(tells(shownOf(holder), keyPair)).toBe(false)
    }
    expect(tells(shownOf([...networker.streams]), keyPair)).toBe(false)
    await networker.close()
  })

  it('is in no fault and no error', async () => {
    const { networker, transport, keyPair } = await connected()
    const faults: unknown[] = []
    networker.on('fault', (error) => faults.push(error))
    transport.host.connected({} as never, { type: 'fake' })
    transport.host.fault(new Error('of the transport', { cause: transport.host }))
    const errors = await Promise.all(
      [
        networker.connect(networker.keyPair.publicKey),
        networker.connect(topic(3)),
        networker.configure('x')
      ].map((refused) => refused.catch((error: unknown) => error))
    )
    expect([faults.length, errors.length]).toEqual([2, 3])
    for (const error of [...faults, ...errors]) expect(tells(shownOf(error), keyPair)).toBe(false)
    await networker.close()
  })
})

describe('the sets of a networker', () => {
  it('cannot be changed from outside', async () => {
    const { networker, peer } = await connected()
    for (const set of [networker.peers, networker.streams] as unknown as Set<unknown>[]) {
      expect(() => set.add({})).toThrow(TypeError)
      expect(() => set.delete([...set][0])).toThrow(TypeError)
      expect(() => set.clear()).toThrow(TypeError)
      expect(set.size).toBe(1)
    }
    expect([...networker.peers]).toEqual([peer])
    expect(networker.peers.has(peer)).toBe(true)
    await networker.close()
    expect([networker.peers.size, networker.streams.size]).toEqual([0, 0])
  })

  it('have peer() find one by its key', async () => {
    const { networker, peer } = await connected()
    const { remotePublicKey } = peer
    for (const key of [remotePublicKey, remotePublicKey.toString('hex'), encode(remotePublicKey)]) {
      expect(networker.peer(key)).toBe(peer)
    }
    expect(networker.peer(topic(9))).toBeUndefined()
    expect(() => networker.peer('bob')).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(/remotePublicKey must be/)
      })
    )
    await networker.close()
    expect(networker.peer(remotePublicKey)).toBeUndefined()
  })
})

describe('an extension of a networker that was closed', () => {
  it('says that the networker was closed', async () => {
    const { networker, peer } = await connected()
    const ext = networker.registerExtension('chat')
    await networker.close()
    const closed = expect.objectContaining({
      code: 'CLOSED',
      message: 'Closed: the networker was closed; make a new one'
    })
    expect(() => ext.send(new Uint8Array(), peer)).toThrow(closed)
    expect(() => ext.broadcast(new Uint8Array())).toThrow(closed)
    await expect(ext.drained(peer)).rejects.toEqual(closed)
    expect(() => networker.registerExtension('late')).toThrow(closed)
  })
})
