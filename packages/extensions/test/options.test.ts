import { expect, test } from 'vitest'
import { Extensions, type ExtensionsOptions } from '../src/index.js'
import { Peer, Two } from './support.js'

const invalid = (message = '') =>
  expect.objectContaining({
    name: 'NetworkerError',
    code: 'INVALID_OPTION',
    message: expect.stringMatching(new RegExp(`^Invalid option: .*${message}`))
  })

test.each<[unknown, string]>([
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
