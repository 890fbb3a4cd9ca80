import { randomBytes } from 'node:crypto'
import { encode, uint } from 'compact-encoding'
import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { Extensions } from '../src/index.js'
import {
  attachStream,
  encodeHello,
  encodeRefusal,
  type Hello,
  refuseStream,
  type StreamHooks
} from '../src/internal.js'
import { closed, Hand, Inbox, Peer, streams } from './support.js'

const run = randomBytes(32)
const hello = encodeHello({ run, life: 7 })

/** One side by hand, the other as the networker attaches it. */
function greeted(handshake: Uint8Array | null = hello) {
  const faults = new Inbox<unknown>()
  const events = new Inbox<string>()
  const A = new Extensions<Peer>({ onfault: faults.push })
  const [a, b] = streams()
  const hooks: StreamHooks = {
    onhello: (remote) => events.push(`hello ${describe(remote)}`),
    onreject: () => events.push('reject'),
    onuse: (n) => events.push(`use ${n}`),
    onpresence: (what) => events.push(what),
    onbye: (reason) => events.push(`bye ${reason}`)
  }
  const link = attachStream(A, a, { ...hooks, handshake: () => handshake })
  const close = () => {
    A.destroy()
    a.destroy()
    b.destroy()
  }
  return { A, a, b, link, events, faults, close }
}

function describe(remote: Hello | null): string {
  return remote ? `${remote.life} of ${Buffer.from(remote.run).toString('hex').slice(0, 8)}` : 'of nobody'
}

test('the hello is the handshake of the channel, as docs/wire.md shows it', async () => {
  const { b, close } = greeted(encodeHello({ run: Buffer.alloc(32, 0xab), life: 300 }))
  try {
    expect(await new Hand(b).handshake).toBe(`00${'ab'.repeat(32)}fd2c01`)
  } finally {
    close()
  }
})

test('both sides hear who the other is, before its names and its messages', async () => {
  const { A, b, link, events, close } = greeted()
  try {
    const heard: string[] = []
    A.register('x', { encoding: 'utf8', onopen: () => heard.push('open'), onmessage: (m) => heard.push(m) })
    const hand = new Hand(b, encodeHello({ run: Buffer.alloc(32, 1), life: 2 }))
    hand.send(0, 0, 1, 'x')
    hand.send(2, 5)
    expect(await events.take(2)).toEqual(['hello 2 of 01010101', 'use 5'])
    expect(heard).toEqual([])
    const peer = new Peer('b')
    link.join(peer)
    link.updateAll()
    hand.sendData([0, 'hi'])
    hand.send(2, 6)
    await events.next()
    expect(heard).toEqual(['open', 'hi'])
    link.leave()
    hand.sendData([0, 'dropped'])
    hand.send(2, 7)
    expect(await events.next()).toBe('use 7')
    expect(heard).toEqual(['open', 'hi'])
  } finally {
    close()
  }
})

test('a remote whose handshake is empty is heard without a run', async () => {
  const { b, events, close } = greeted()
  try {
    new Hand(b)
    expect(await events.next()).toBe('hello of nobody')
  } finally {
    close()
  }
})

test.each([
  ['a short id', Buffer.concat([Buffer.of(0), Buffer.alloc(31)])],
  ['no life', Buffer.concat([Buffer.of(0), Buffer.alloc(32)])],
  ['a number cut off', Buffer.of(0xfd)]
])('a handshake with %s is one fault, and ends the stream', async (_, handshake) => {
  const { a, b, events, faults, close } = greeted()
  try {
    new Hand(b, handshake)
    await closed(a)
    expect(faults.all).toEqual([expect.objectContaining({ code: 'MALFORMED_MESSAGE' })])
    expect(events.all).toEqual([])
  } finally {
    close()
  }
})

test.each([
  [encodeRefusal('full'), 'bye full'],
  [encodeRefusal('duplicate'), 'bye duplicate'],
  [encode(uint, 99), 'bye refused']
])('a refusal has a reason, and one of a later version is a refusal too', async (handshake, event) => {
  const { b, events, close } = greeted()
  try {
    new Hand(b, handshake)
    expect(await events.next()).toBe(event)
  } finally {
    close()
  }
})

test("'here' ends a batch, so that a side that stops reading there misses nothing of what follows", async () => {
  const { A, a, b, link, close } = greeted()
  const B = new Extensions<Peer>()
  try {
    const heard = new Inbox<string>()
    const other = attachStream(B, b, {
      onhello: () => heard.push('hello'),
      onpresence: (what) => {
        heard.push(what)
        b.pause()
      },
      handshake: () => hello
    })
    B.register('x', { encoding: 'utf8', onmessage: (message) => heard.push(message) })
    const x = A.register('x', { encoding: 'utf8' })
    const peer = new Peer('b')
    link.join(peer)
    await heard.next()
    const mux = Protomux.from(a)
    mux.cork() // as while it handles a batch of the remote
    mux.cork()
    link.tell('here')
    x.send('hi', peer)
    await Promise.resolve() // the end of the tick, when messages are sent
    mux.uncork()
    mux.uncork()
    expect(await heard.next()).toBe('here')
    other.join(new Peer('a'))
    b.resume()
    expect(await heard.next()).toBe('hi')
  } finally {
    B.destroy()
    close()
  }
})

test('a stream that nobody attached can be refused with a reason', async () => {
  const { b, events, close } = greeted()
  try {
    refuseStream(b, 'full')
    b.end()
    expect(await events.next()).toBe('bye full')
  } finally {
    close()
  }
})

test('who asks is answered, and unknown frames of a later version change nothing', async () => {
  const { b, events, faults, close } = greeted()
  try {
    const hand = new Hand(b)
    expect(await events.next()).toBe('hello of nobody')
    for (const [kind, n] of [
      [3, 9],
      [5, 0],
      [3, 0],
      [3, 2],
      [4, 3],
      [3, 1]
    ] as const)
      hand.send(kind, n)
    expect(await events.take(4)).toEqual(['here', 'other', 'bye closing', 'ask'])
    expect(await hand.frames.next()).toEqual({ type: 0, bytes: '0300' })
    expect(faults.all).toEqual([])
  } finally {
    close()
  }
})

test('a side that waits hears the remote first, and answers or refuses it', async () => {
  for (const [handshake, answer] of [
    [hello, `00${run.toString('hex')}07`],
    [encodeRefusal('duplicate'), '05']
  ] as const) {
    const { A, b, link, events, close } = greeted(null)
    try {
      A.register('x')
      const mux = Protomux.from(b)
      mux.pair({ protocol: 'basestore/extensions' }, () => events.push('opened first'))
      const hand = new Hand(b, encodeHello({ run: Buffer.alloc(32, 1), life: 2 }))
      expect(await events.next()).toBe('hello 2 of 01010101')
      link.answer(handshake)
      expect(await hand.handshake).toBe(answer)
      expect(await hand.frames.next()).toEqual({ type: 0, bytes: '00000178' })
    } finally {
      close()
    }
  }
})

test('a remote that takes its hello back before it is answered loses its stream', async () => {
  const { a, b, close } = greeted(null)
  try {
    const hand = new Hand(b, hello)
    hand.channel.close()
    await closed(a)
  } finally {
    close()
  }
})
