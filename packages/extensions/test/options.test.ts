import { expect, test } from 'vitest'
import { Extensions, type ExtensionsOptions, NetworkerError } from '../src/index.js'
import { Peer, Two } from './support.js'

const invalid = (message = '') =>
  expect.objectContaining({
    name: 'NetworkerError',
    code: 'INVALID_OPTION',
    message: expect.stringMatching(new RegExp(`^Invalid option: .*${message}`))
  })

test.each<[unknown, string]>([
  [null, 'the options of extensions must be an object, got null'],
  [true, 'must be an object, got true'],
  [{ onFault() {} }, "unknown option 'onFault'; did you mean 'onfault'"],
  [{ maxMesageSize: 1 }, "unknown option 'maxMesageSize'; did you mean 'maxMessageSize'"],
  [
    { maxPeers: 1 },
    "unknown option 'maxPeers'; the options of extensions are onfault, maxMessageSize and maxBacklog"
  ],
  [{ onfault: 'log' }, 'onfault'],
  [{ maxMessageSize: 0 }, 'maxMessageSize must be 1 to 8323072'],
  [{ maxMessageSize: 8_323_073 }, 'maxMessageSize'],
  [{ maxMessageSize: 1.5 }, 'maxMessageSize'],
  [{ maxBacklog: 0 }, 'maxBacklog'],
  [{ maxBacklog: Infinity }, 'maxBacklog']
])('the options %j are refused', (options, message) => {
  expect(() => new Extensions(options as ExtensionsOptions)).toThrow(invalid(message))
})

test.each<[string, unknown[], string]>([
  ['no name', [], 'name'],
  ['an empty name', [''], 'name'],
  ['a name that is no string', [7], 'name'],
  ['a long name', ['ä'.repeat(129)], 'name must be a string of 1 to 256 bytes'],
  ['half a surrogate pair as name', ['\ud800'], 'name'],
  ['handlers without a name', [{}], 'name'],
  ['null', [null], 'name'],
  ['handlers that are null', ['x', null], 'handlers'],
  ['a function that returns nothing', ['x', () => {}], 'handlers'],
  ['a handler that is no function', ['x', { onmessage: 'log' }], 'onmessage'],
  [
    'a handler in camel case',
    ['x', { onMessage() {} }],
    "unknown option 'onMessage'; did you mean 'onmessage'"
  ],
  ['a handler in camel case beside its name', [{ name: 'x', onOpen() {} }], "did you mean 'onopen'"],
  ['a handler in camel case from a function', ['x', () => ({ onError() {} })], "did you mean 'onerror'"],
  [
    'a handler that does not exist',
    ['x', { ondata() {} }],
    "unknown option 'ondata'; the handlers of 'x' are"
  ],
  ['a handler that is null', ['x', { onmessage: null }], 'onmessage must be a function, got null'],
  ['handlers that are true', ['x', true], "the handlers of 'x' must be an object, got true"],
  ['an encoding that does not exist', ['x', { encoding: 'utf-16' }], 'encoding'],
  ['half a codec', ['x', { encoding: { encode() {}, decode() {} } }], 'preencode']
])('%s cannot be registered', (_, args, message) => {
  const register = new Extensions<Peer>().register as (...args: unknown[]) => unknown
  const extensions = new Extensions<Peer>()
  expect(() => register.apply(extensions, args)).toThrow(invalid(message))
})

test('a name of 256 bytes can be registered, and 1024 of them', () => {
  const extensions = new Extensions<Peer>()
  const names = Array.from({ length: 1024 }, (_, i) => String(i).padStart(256, '0'))
  const [first] = names.map((name) => extensions.register(name))
  expect(() => extensions.register('one more')).toThrow(invalid('at most 1024 names'))
  extensions.register(names[7] as string)
  first?.destroy()
  extensions.register('one more')
})

test('handlers may be an instance of a class, with fields of its own', () => {
  class Chat {
    readonly members = new Set()
    readonly encoding = 'utf8'
    onmessage(message: string) {
      this.members.add(message)
    }
  }
  expect(new Extensions<Peer>().register('chat', new Chat()).name).toBe('chat')
})

test('a function that throws registers nothing', async () => {
  const two = new Two()
  try {
    two.connect()
    const broken = new Error('of the user')
    expect(() =>
      two.B.register('x', () => {
        throw broken
      })
    ).toThrow(broken)
    const x = two.A.register('x')
    await two.flushed()
    expect(x.peers.size).toBe(0)
  } finally {
    two.close()
  }
})

test('what is no stream or no peer is refused', () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const attach = two.A.attach.bind(two.A) as (...args: unknown[]) => unknown
    expect(() => attach(null, two.b)).toThrow(invalid('stream'))
    expect(() => attach({}, two.b)).toThrow(invalid('stream'))
    expect(() => attach(a, 'b')).toThrow(invalid('peer'))
    expect(() => attach(a, null)).toThrow(invalid('peer'))
    expect(() => attach(a, two.b, { onOpen() {} })).toThrow(invalid("did you mean 'onopen'"))
    expect(() => attach(a, two.b, { onreject: true })).toThrow(
      invalid('onreject must be a function, got true')
    )
    expect(() => attach(a, two.b, null)).toThrow(invalid('the hooks of a stream must be an object, got null'))
  } finally {
    two.close()
  }
})

test.each<[string, unknown]>([
  ['binary', 'text'],
  ['binary', new Float64Array(1)],
  ['utf8', Buffer.from('bytes')],
  ['json', undefined],
  ['json', () => {}],
  ['json', 1n]
])('%s cannot carry %s: send and broadcast throw, and nothing is sent', (encoding, message) => {
  const two = new Two()
  try {
    two.connect()
    const x = two.A.register('x', { encoding: encoding as 'json' })
    const refused = invalid("extension 'x' cannot encode the message")
    expect(() => x.send(message, two.b)).toThrow(refused)
    expect(() => x.broadcast(message)).toThrow(refused)
  } finally {
    two.close()
  }
})

test('the error of a codec is the cause', () => {
  const two = new Two()
  try {
    two.connect()
    const cause = new Error('of the codec')
    const fail = () => {
      throw cause
    }
    const x = two.A.register('x', { encoding: { preencode: fail, encode: fail, decode: fail } })
    expect(() => x.send(1 as never, two.b)).toThrow(expect.objectContaining({ cause }))
  } finally {
    two.close()
  }
})

test('a message above maxMessageSize is refused when it is sent', () => {
  const two = new Two({ maxMessageSize: 10 })
  try {
    two.connect()
    const tooLarge = expect.objectContaining({
      code: 'MESSAGE_TOO_LARGE',
      message: 'Message too large: 11 bytes, at most 10; send it in parts'
    })
    const x = two.A.register('x', { encoding: 'utf8' })
    expect(x.send('ten bytes!', two.b)).toBe(true)
    expect(() => x.send('eleven byte', two.b)).toThrow(tooLarge)
    expect(() => x.broadcast('eleven byte')).toThrow(tooLarge)
  } finally {
    two.close()
  }
})

test('a peer that is not attached cannot be sent to, but a broadcast to nobody is fine', () => {
  const extensions = new Extensions<Peer>()
  const x = extensions.register('x', { encoding: 'utf8' })
  expect(() => x.send('hello', new Peer('stranger'))).toThrow(
    expect.objectContaining({
      name: 'NetworkerError',
      code: 'PEER_GONE',
      message: expect.stringMatching(/^Peer is gone: /)
    })
  )
  x.broadcast('hello')
})

test('the peers of an extension cannot be changed from outside', () => {
  const { peers } = new Extensions<Peer>().register('x')
  expect(() => (peers as Set<Peer>).add(new Peer('stranger'))).toThrow(TypeError)
  expect(peers.size).toBe(0)
})

test('an extension that cannot send says why, and what to do', () => {
  const extensions = new Extensions<Peer>()
  const closed = (detail: string) => expect.objectContaining({ code: 'CLOSED', message: `Closed: ${detail}` })
  extensions.register('early', (early) => {
    expect(() => early.broadcast(new Uint8Array())).toThrow(
      closed("extension 'early' is not registered yet; use it once register() has returned")
    )
    return {}
  })
  const once = extensions.register('once')
  once.destroy()
  expect(() => once.broadcast(new Uint8Array())).toThrow(
    closed("extension 'once' was destroyed; register it again")
  )
  const last = extensions.register('last')
  extensions.destroy()
  const all = closed('these extensions were destroyed; create new ones')
  for (const one of [once, last]) expect(() => one.broadcast(new Uint8Array())).toThrow(all)
  expect(() => extensions.register('late')).toThrow(all)
})

test('extensions say the reason for which they were destroyed, also when they are destroyed again', async () => {
  const extensions = new Extensions<Peer>()
  const ext = extensions.register('x')
  const reason = new NetworkerError('CLOSED', 'the app has ended')
  extensions.destroy(reason)
  extensions.destroy()
  const calls = [
    () => ext.send(new Uint8Array(), new Peer('b')),
    () => ext.broadcast(new Uint8Array()),
    () => extensions.register('y')
  ]
  for (const call of calls) expect(call).toThrow(reason)
  await expect(ext.drained(new Peer('b'))).rejects.toBe(reason)
})

test('a destroyed extension cannot send', async () => {
  const two = new Two()
  try {
    two.connect()
    const x = two.A.register('x')
    x.destroy()
    x.destroy()
    const gone = expect.objectContaining({ code: 'CLOSED', message: expect.stringMatching(/^Closed: .*'x'/) })
    expect(() => x.send(new Uint8Array(), two.b)).toThrow(gone)
    expect(() => x.broadcast(new Uint8Array())).toThrow(gone)
    await expect(x.drained(two.b)).rejects.toThrow(gone)
  } finally {
    two.close()
  }
})
