import { any, raw } from 'compact-encoding'
import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { type Codec, Extensions } from '../src/index.js'
import type { StreamHooks } from '../src/internal.js'
import { attach, Hand, Inbox, linkOf, Peer, queuedBytes, streams, Two } from './support.js'

/** A is ours. The hand is the attacker's. */
function attack(options: { maxMessageSize?: number } = {}) {
  const [a, b] = streams()
  const faults = new Inbox<unknown>()
  const uses = new Inbox<number>()
  const rejects = new Inbox<void>()
  const A = new Extensions<Peer>({ onfault: faults.push, ...options })
  const peer = new Peer('attacker')
  const hooks: StreamHooks = { onuse: uses.push, onreject: rejects.push }
  attach(A, a, peer, hooks)
  const hand = new Hand(b)
  const close = () => {
    for (const one of [A, a, b]) one.destroy()
  }
  return { a, b, A, peer, hand, faults, uses, rejects, close }
}

const malformed = (message: RegExp) =>
  expect.objectContaining({ code: 'MALFORMED_MESSAGE', message: expect.stringMatching(message) })

test.each<[string, number, (number | string)[], RegExp]>([
  ['an empty control frame', 0, [], /Out of bounds/],
  ['an empty announce', 0, [0], /Out of bounds/],
  ['an announce without a name', 0, [0, 0], /Out of bounds/],
  ['an announce of an empty name', 0, [0, 0, 0], /name of 0 bytes/],
  ['an announce that claims more bytes than it has', 0, [0, 0, 5, 'four'], /name of 5 bytes/],
  ['an announce that claims 4 GiB', 0, [0, 0, 0xfe, 255, 255, 255, 255], /name of 4294967295 bytes/],
  ['an announce of a long name', 0, [0, 0, 0xfd, 1, 1, 'x'.repeat(257)], /name of 257 bytes/],
  ['an announce with a number above 32 bits', 0, [0, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 1, 'x'], /4294967296/],
  ['an announce whose name is not UTF-8', 0, [0, 0, 1, 0xff], /not valid/],
  ['an empty retract', 0, [1], /Out of bounds/],
  ['a retract of what was not announced', 0, [1, 7], /without an announce/],
  ['data with half a size', 1, [0xfd, 1], /Out of bounds/],
  ['data that claims more bytes than it has', 1, [3, 0, 1], /ends within a message/],
  ['data that claims 4 GiB', 1, [0xfe, 255, 255, 255, 255], /ends within a message/],
  ['data without a number', 1, [0], /Out of bounds/],
  ['data with half a number', 1, [2, 0xfd, 1], /Out of bounds/],
  ['an empty use', 0, [2], /Out of bounds/],
  ['a use above what is safe', 0, [2, 0xff, 255, 255, 255, 255, 255, 255, 255, 255], /./]
])('%s is dropped, reported, and harms nothing', async (_, type, bytes, message) => {
  const { A, hand, faults, uses, close } = attack()
  try {
    const inbox = new Inbox<string>()
    A.register('x', { encoding: 'utf8', onmessage: inbox.push })
    hand.sendFrame(type, ...bytes)
    expect(await faults.next()).toEqual(malformed(message))
    hand.send(0, 5, 1, 'x')
    hand.sendData([5, 'after'])
    hand.send(2, 9)
    expect(await inbox.next()).toBe('after')
    expect(await uses.next()).toBe(9)
    expect(faults.all.length).toBe(1)
  } finally {
    close()
  }
})

test('a name, or a number, is announced once at a time', async () => {
  const { A, peer, hand, faults, close } = attack()
  try {
    const events = new Inbox<string>()
    const x = A.register('x', { onopen: () => events.push('open'), onclose: () => events.push('close') })
    hand.send(0, 0, 1, 'x')
    hand.send(0, 1, 1, 'x')
    hand.send(0, 0, 1, 'y')
    for (const error of await faults.take(2)) expect(error).toEqual(malformed(/announced twice/))
    expect([...x.peers]).toEqual([peer])
    hand.send(1, 0)
    hand.send(0, 0, 1, 'x')
    expect(await events.take(3)).toEqual(['open', 'close', 'open'])
  } finally {
    close()
  }
})

test('data for a number that nobody announced, and unknown types, are ignored', async () => {
  const { A, hand, faults, close } = attack()
  try {
    const inbox = new Inbox<string>()
    A.register('x', { encoding: 'utf8', onmessage: inbox.push })
    hand.sendData([9, 'to nobody'])
    hand.send(5, 1, 2, 3)
    hand.sendFrame(2, 1, 2, 3)
    hand.send(0, 0, 1, 'x', 'what a later version appends')
    hand.sendData([0, 'after'])
    expect(await inbox.next()).toBe('after')
    expect(faults.all).toEqual([])
  } finally {
    close()
  }
})

test('nothing is delivered any more once a handler has detached, also of the same frame', async () => {
  const [a, b] = streams()
  const A = new Extensions<Peer>()
  try {
    const got: string[] = []
    const detach = A.attach(a, new Peer('b'))
    const closed = new Promise((resolve) => a.once('close', () => resolve(got)))
    A.register('x', {
      encoding: 'utf8',
      onmessage(text) {
        got.push(text)
        detach()
      }
    })
    const hand = new Hand(b)
    hand.send(0, 0, 1, 'x')
    hand.sendData([0, 'first'], [0, 'second'])
    b.end()
    expect(await closed).toEqual(['first'])
  } finally {
    for (const one of [A, a, b]) one.destroy()
  }
})

test('a remote can have us remember 1024 names and no more', async () => {
  const { A, hand, faults, close } = attack()
  try {
    hand.channel.cork()
    for (let i = 0; i <= 1024; i++) hand.send(0, 0xfd, i & 255, i >> 8, 4, String(i).padStart(4, '0'))
    hand.channel.uncork()
    expect(await faults.next()).toEqual(malformed(/more than 1024 names/))
    expect([...A.register('1023').peers].length).toBe(1)
    expect([...A.register('1024').peers].length).toBe(0)
    hand.send(1, 0)
    hand.send(0, 0, 4, '1024')
    const opened = new Inbox<Peer>()
    A.register('1024', { onopen: opened.push })
    await opened.next()
    expect(faults.all.length).toBe(1)
  } finally {
    close()
  }
})

test('a remote that opens our channel twice, or under an id, gets the rest rejected', async () => {
  const { A, hand, faults, close } = attack()
  try {
    const open = (id: Uint8Array | null) => {
      const channel = hand.mux.createChannel({ protocol: 'basestore/extensions', id, unique: false })
      channel?.open()
      return channel?.fullyOpened()
    }
    expect(await hand.channel.fullyOpened()).toBe(true)
    expect(await open(null)).toBe(false)
    expect(await open(Buffer.from('id'))).toBe(false)
    const inbox = new Inbox<string>()
    A.register('x', { encoding: 'utf8', onmessage: inbox.push })
    hand.send(0, 0, 1, 'x')
    hand.sendData([0, 'still open'])
    expect(await inbox.next()).toBe('still open')
    expect(faults.all).toEqual([])
  } finally {
    close()
  }
})

test('a remote that opens and closes the channel for ever, and does not read, is not answered for ever', async () => {
  const [a, b] = streams()
  const done = new Inbox<unknown>()
  const A = new Extensions<Peer>({ maxBacklog: 64 * 1024 })
  try {
    A.register('x'.repeat(256))
    A.attach(a, new Peer('attacker'))
    const mux = Protomux.from(b)
    const end = { protocol: 'end', messages: [{ encoding: raw, onmessage: done.push }] }
    Protomux.from(a).createChannel<Uint8Array>(end)?.open()
    const last = mux.createChannel<Uint8Array>(end)
    last?.open()
    b.pause()
    for (let i = 0; i < 5000; i++) {
      const channel = mux.createChannel({ protocol: 'basestore/extensions' })
      channel?.open()
      channel?.close()
    }
    last?.messages[0]?.send(new Uint8Array())
    await done.next()
    // 5000 answers would be 1.5 MB. Only Protomux's own rejects remain, 4 bytes each.
    expect(queuedBytes(a)).toBeLessThan(200_000)
  } finally {
    for (const one of [A, a, b]) one.destroy()
  }
})

test('an open of our channel under an id does not have us open ours again', async () => {
  const { A, hand, rejects, b, close } = attack()
  try {
    expect(await hand.channel.fullyOpened()).toBe(true)
    hand.channel.close()
    const other = hand.mux.createChannel({ protocol: 'basestore/extensions', id: Buffer.from('id') })
    other?.open()
    expect(await other?.fullyOpened()).toBe(false)
    const opened = new Inbox<Peer>()
    A.register('x', { onopen: opened.push })
    new Hand(b).send(0, 0, 1, 'x')
    await opened.next()
    expect(rejects.all).toEqual([])
  } finally {
    close()
  }
})

test.each<[string, Codec<unknown> | 'json' | 'utf8', (number | string)[]]>([
  ['half of JSON', 'json', ['{"half":']],
  ['JSON that is no text', 'json', [0xff]],
  ['deeply nested JSON', 'json', ['['.repeat(100_000)]],
  ['half of a character', 'utf8', [0xc3]],
  [
    'arrays of a codec, nested deeply',
    any as Codec<unknown>,
    [Buffer.alloc(60_000, Buffer.of(7, 1)).toString('latin1')]
  ]
])('a malformed message goes to onerror: %s', async (_, encoding, bytes) => {
  const { A, peer, hand, faults, close } = attack()
  try {
    const errors = new Inbox<[unknown, Peer]>()
    const inbox = new Inbox<unknown>()
    A.register('x', {
      encoding: encoding as Codec<unknown>,
      onmessage: inbox.push,
      onerror: (...args) => errors.push(args)
    })
    A.register('y', { encoding: 'utf8', onmessage: inbox.push })
    hand.send(0, 0, 1, 'x')
    hand.send(0, 1, 1, 'y')
    hand.sendData([0, ...bytes])
    hand.sendData([1, 'of another extension'])
    const [error, from] = await errors.next()
    expect(error).toEqual(malformed(/^Malformed message: extension 'x' cannot decode it: /))
    expect((error as Error).cause).toBeInstanceOf(Error)
    expect(from).toBe(peer)
    expect(await inbox.next()).toBe('of another extension')
    expect(faults.all).toEqual([])
  } finally {
    close()
  }
})

test('a frame of many messages that do not decode takes no memory until its end', async () => {
  const { A, hand, close } = attack()
  try {
    const count = 100_000
    let errors = 0
    const growth = new Promise<number>((resolve) => {
      const before = process.memoryUsage().heapUsed
      A.register('x', {
        encoding: 'json',
        onmessage() {},
        onerror() {
          if (++errors === count) resolve(process.memoryUsage().heapUsed - before)
        }
      })
    })
    hand.send(0, 0, 1, 'x')
    hand.sendData(...Array<number[]>(count).fill([0]))
    expect(await growth).toBeLessThan(64 * 1024 * 1024)
  } finally {
    close()
  }
}, 30_000) // 100,000 stack traces

test('a message above maxMessageSize goes to onerror, one of that size arrives', async () => {
  const { A, peer, hand, close } = attack({ maxMessageSize: 10 })
  try {
    const errors = new Inbox<[unknown, Peer]>()
    const inbox = new Inbox<string>()
    A.register('x', {
      encoding: 'utf8',
      onmessage: inbox.push,
      onerror: (...args) => errors.push(args)
    })
    hand.send(0, 0, 1, 'x')
    hand.sendData([0, 'eleven byte'])
    hand.sendData([0, 'ten bytes!'])
    expect(await errors.next()).toEqual([expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }), peer])
    expect(await inbox.next()).toBe('ten bytes!')
    expect(inbox.all.length).toBe(1)
  } finally {
    close()
  }
})

test.each<[string, () => unknown]>([
  [
    'throws a TypeError',
    () => {
      throw new TypeError('of a handler')
    }
  ],
  ['rejects', () => Promise.reject(new TypeError('of a handler'))],
  [
    'returns a thenable that throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: the case is that one
      then: () => {
        throw new TypeError('of a handler')
      }
    })
  ]
])(
  'a handler that %s tells onerror, or onfault without one; neither ends more than the call',
  async (_, fail) => {
    const two = new Two()
    try {
      two.connect()
      const errors = new Inbox<[unknown, Peer]>()
      two.B.register('x', {
        onmessage: fail,
        onopen: fail,
        onclose: fail,
        onerror: (...args) => errors.push(args)
      })
      two.B.register('y', { onmessage: fail, onopen: fail, onclose: fail })
      two.B.register('z', {
        onmessage: fail,
        onerror: fail
      })
      const error = expect.objectContaining({ message: 'of a handler' })
      for (const name of ['x', 'y', 'z']) {
        const ext = two.A.register(name)
        ext.send(new Uint8Array(), two.b)
        ext.destroy()
      }
      expect(await errors.take(3)).toEqual([
        [error, two.a],
        [error, two.a],
        [error, two.a]
      ])
      expect(await two.faults.take(4)).toEqual([error, error, error, error])
      await two.flushed()
    } finally {
      two.close()
    }
  }
)

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new TypeError('of onfault')
    }
  ],
  ['rejects', () => Promise.reject(new TypeError('of onfault'))]
])('an onfault or a hook that %s ends nothing', async (_, fail) => {
  const faults = new Inbox<unknown>()
  const onfault = (error: unknown) => {
    faults.push(error)
    return fail()
  }
  const two = new Two({ onfault })
  try {
    const uses = new Inbox<number>()
    const { a } = two.connect({
      b: {
        onopen: fail,
        onuse: (n) => {
          uses.push(n)
          return fail() as undefined
        }
      }
    })
    linkOf(two.A, a)?.use(1)
    await uses.next()
    await faults.take(2)
    await two.flushed()
  } finally {
    two.close()
  }
})
