import { describe, expect, it } from 'vitest'
import { isNetworkerError, Networker, NetworkerError, type NetworkerOptions } from '../src/index.js'
import { FakeTransport, fakeStore, newKeyPair, topic } from './support.js'

const make = (options: unknown, store: unknown = fakeStore()) =>
  new Networker(store as ReturnType<typeof fakeStore>, options as NetworkerOptions)

describe('the options of a networker', () => {
  it.each([
    ['no options', undefined, /transports must be an array with at least one transport/],
    ['no transport', { transports: [] }, /such as \[hyperswarm\(\)\]/],
    [
      'an unknown transport',
      { transports: ['udp'] },
      /transports\[0\] is not a transport; pass hyperswarm\(\)/
    ],
    ['half a transport', { transports: [{ name: 'x', start() {} }] }, /transports\[0\] is not a transport/],
    [
      'two transports of one name',
      { transports: [new FakeTransport('a'), new FakeTransport('a')] },
      /two transports are named 'a'; give each a name/
    ],
    ['a short id', { transports: [new FakeTransport()], id: Buffer.alloc(31) }, /id must be 32 bytes/],
    [
      'half a key pair',
      { transports: [new FakeTransport()], keyPair: { publicKey: Buffer.alloc(32) } },
      /keyPair must/
    ],
    [
      'a firewall that is no function',
      { transports: [new FakeTransport()], firewall: true },
      /firewall must be/
    ],
    ['no room for peers', { transports: [new FakeTransport()], maxPeers: 0 }, /maxPeers must be .* got 0/],
    ['maxPeers NaN', { transports: [new FakeTransport()], maxPeers: Number.NaN }, /maxPeers/],
    ['null', null, /the options of a networker must be an object, got null/],
    ['true', true, /must be an object, got true/],
    ['keypair', { transports: [], keypair: {} }, /unknown option 'keypair'; did you mean 'keyPair'\?/],
    [
      'transport',
      { transport: {} },
      /unknown option 'transport'; did you mean 'transports'\? It is an array/
    ],
    ['onFirewall', { transports: [], firewal() {} }, /did you mean 'firewall'\?/],
    ['an option of Hyperswarm', { bootstrap: [] }, /'bootstrap'; it is an option of hyperswarm\(\): pass/],
    ['an option of 1.x', { onauthenticate() {} }, /it is firewall now, and true refuses/],
    [
      'what nobody knows',
      { transports: [], colour: 1 },
      /'colour'; the options of a networker are transports, id, keyPair, firewall, maxPeers and warn/
    ]
  ])('refuse %s, and say what to do', (_, options, message) => {
    expect(() => make(options)).toThrow(message)
    expect(() => make(options)).toThrow(
      expect.objectContaining({ name: 'NetworkerError', code: 'INVALID_OPTION' })
    )
  })

  it('refuse what is not a store', () => {
    expect(() => make({ transports: [new FakeTransport()] }, {})).toThrow(/store must be a Corestore/)
  })

  it('refuse a Corestore of an older version', () => {
    const old = { ...fakeStore(), namespace() {} } // Corestore 6 has no watch()
    expect(() => make({ transports: [new FakeTransport()] }, old)).toThrow(
      'Invalid option: store is a Corestore older than 7; install corestore@7, and open it with that'
    )
    make({ transports: [new FakeTransport()] }, { ...old, watch() {} })
  })

  it('refuse a transport that serves another networker', () => {
    const transport = new FakeTransport()
    make({ transports: [transport] })
    expect(() => make({ transports: [transport] })).toThrow(/'fake' serves another networker; make a new one/)
  })

  it('fill in a random id and key pair, and take given ones', () => {
    const a = make({ transports: [new FakeTransport()] })
    const b = make({ transports: [new FakeTransport()] })
    expect([a.id.byteLength, a.keyPair.publicKey.byteLength]).toEqual([32, 32])
    expect(a.id).not.toEqual(b.id)
    expect(a.keyPair.publicKey).not.toEqual(b.keyPair.publicKey)

    const keyPair = newKeyPair()
    const c = make({ transports: [new FakeTransport()], keyPair, id: Buffer.alloc(32, 1) })
    expect(c.keyPair).toBe(keyPair)
    expect(c.id).toEqual(Buffer.alloc(32, 1))
  })
})

describe('the options of a method', () => {
  const networker = make({ transports: [new FakeTransport()] })
  const methods = {
    configure: (options: unknown) => networker.configure(topic(1), options as object),
    connect: (options: unknown) => networker.connect(topic(1), options as object),
    registerExtension: async (options: unknown) => networker.registerExtension('x', options as object)
  }

  it.each<[keyof typeof methods, unknown, string]>([
    ['configure', true, 'the options of configure() must be an object, got true'],
    ['configure', null, 'the options of configure() must be an object, got null'],
    ['configure', { announce: 'yes' }, "announce must be true or false, got 'yes'"],
    ['configure', { lookup: 0 }, 'lookup must be true or false, got 0'],
    ['configure', { flush: null }, 'flush must be true or false, got null'],
    ['configure', { signal: {} }, 'signal must be an AbortSignal, got an object'],
    ['configure', { anounce: true }, "unknown option 'anounce'; did you mean 'announce'?"],
    ['configure', { server: true }, "unknown option 'server'; Hyperswarm's server is called announce here"],
    ['configure', { client: false }, "unknown option 'client'; Hyperswarm's client is called lookup here"],
    [
      'configure',
      { rejoin: false },
      "unknown option 'rejoin'; leave it out: a topic whose mode stays the same is not joined again"
    ],
    [
      'configure',
      { live: true },
      "unknown option 'live'; the options of configure() are announce, lookup, flush, timeout and signal"
    ],
    ['connect', true, 'the options of connect() must be an object, got true'],
    ['connect', { timeout: 1 }, "unknown option 'timeout'; the options of connect() are lasting and signal"],
    ['connect', { signal: true }, 'signal must be an AbortSignal, got true'],
    ['registerExtension', { onMessage() {} }, "unknown option 'onMessage'; did you mean 'onmessage'?"]
  ])('%s refuses %j', async (name, options, detail) => {
    const message = `Invalid option: ${detail}`
    await expect(methods[name](options)).rejects.toMatchObject({ code: 'INVALID_OPTION', message })
    expect(networker.joined(topic(1))).toBe(false)
  })
})

describe('a key', () => {
  const networker = make({ transports: [new FakeTransport()] })

  it.each([
    ['31 bytes', Buffer.alloc(31), /Invalid topic: topic must be 32 bytes, got 31; pass core.discoveryKey/],
    ['33 bytes', Buffer.alloc(33), /must be 32 bytes, got 33/],
    ['a number', 7, /must be 32 bytes, got number/],
    ['nothing', undefined, /got undefined; a core's discoveryKey is null until await core.ready\(\)/],
    [
      'null',
      null,
      /got null; a core's discoveryKey is null until await core.ready\(\): wait for that, or pass/
    ],
    ['text', 'hello', /must be 64 hex or 52 z32 characters, got 'hello'/],
    ['64 characters that are not hex', 'z'.repeat(64), /64 hex/],
    ['52 characters that are not z32', '!'.repeat(52), /52 z32/]
  ])('is refused when it is %s', async (_, key, message) => {
    const expected = expect.objectContaining({
      code: 'INVALID_TOPIC',
      message: expect.stringMatching(message)
    })
    await expect(networker.configure(key as Buffer)).rejects.toEqual(expected)
    for (const method of ['joined', 'flushed', 'status'] as const) {
      expect(() => networker[method](key as Buffer)).toThrow(expected)
    }
  })

  it('may be a buffer, hex or z32', async () => {
    await networker.configure(topic(1))
    expect(networker.joined(topic(1).toString('hex'))).toBe(true)
    expect(networker.joined('yryonyebyryonyebyryonyebyryonyebyryonyebyryonyebyryo')).toBe(true)
    expect(networker.joined(new Uint8Array(32).fill(1))).toBe(true)
    await networker.close()
  })

  it('is copied, so that nobody changes a topic under us', async () => {
    const transport = new FakeTransport()
    const other = make({ transports: [transport] })
    const key = topic(5)
    const configured = other.configure(key)
    key.fill(0)
    await configured
    expect(other.joined(topic(5))).toBe(true)
    expect(transport.topics[0]).toEqual(topic(5))
    other.allStatuses()[0]!.discoveryKey.fill(0)
    expect(other.joined(topic(5))).toBe(true)
    await other.close()
  })
})

describe('an error', () => {
  it('is told by name and code, also across copies of the package', () => {
    const error = new NetworkerError('CLOSED', 'why; what to do', { transport: 'x', cause: 1 })
    expect(error).toMatchObject({ message: 'Closed: why; what to do', transport: 'x', cause: 1 })
    expect(isNetworkerError(error)).toBe(true)
    expect(isNetworkerError(error, 'CLOSED')).toBe(true)
    expect(isNetworkerError(error, 'UNSUPPORTED')).toBe(false)
    expect(isNetworkerError(new Error('CLOSED'))).toBe(false)
    expect(isNetworkerError(null)).toBe(false)
    const copy = Object.assign(new Error(), { name: 'NetworkerError', code: 'CLOSED' })
    expect(isNetworkerError(copy, 'CLOSED')).toBe(true)
  })
})
