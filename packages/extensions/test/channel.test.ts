import { raw } from 'compact-encoding'
import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { Extensions } from '../src/index.js'
import { closed, Hand, Inbox, linkOf, Peer, streams, Two } from './support.js'

/** A alone is attached; B has a Protomux, as replication gives it one. */
function half() {
  const [a, b] = streams()
  const events = new Inbox<string>()
  const A = new Extensions<Peer>()
  const B = new Extensions<Peer>()
  const peer = new Peer('b')
  const detach = A.attach(a, peer, {
    onopen: () => events.push('open'),
    onreject: () => events.push('reject')
  })
  const close = () => {
    for (const one of [A, B]) one.destroy()
    for (const stream of [a, b]) stream.destroy()
  }
  return { a, b, A, B, peer, events, detach, close }
}

test('a remote without our channel rejects it, other channels go on, and messages to it go nowhere', async () => {
  const { a, b, A, peer, events, close } = half()
  try {
    const inbox = new Inbox<Uint8Array>()
    const options = { protocol: 'replication', messages: [{ encoding: raw, onmessage: inbox.push }] }
    const mine = Protomux.from(a).createChannel<Uint8Array>(options)
    const theirs = Protomux.from(b).createChannel<Uint8Array>(options)
    for (const channel of [mine, theirs]) channel?.open()
    expect(await events.next()).toBe('reject')
    const x = A.register('x')
    expect(x.send(Buffer.from('nobody reads it'), peer)).toBe(true)
    x.broadcast(Buffer.from('nobody reads it'))
    await x.drained(peer)
    mine?.messages[0]?.send(Buffer.from('replicated'))
    expect(Buffer.from(await inbox.next()).toString()).toBe('replicated')
    expect(events.all).toEqual(['reject'])
    expect(() => A.attach(a, peer)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  } finally {
    close()
  }
})

test('a remote that rejected the channel may attach later, and everything works', async () => {
  const { b, A, B, peer, events, close } = half()
  try {
    const x = A.register('x', { encoding: 'utf8' })
    Protomux.from(b)
    expect(await events.next()).toBe('reject')
    const inbox = new Inbox<string>()
    const opened = new Inbox<Peer>()
    B.register('x', { encoding: 'utf8', onmessage: inbox.push, onopen: opened.push })
    const a = new Peer('a')
    B.attach(b, a)
    expect(await events.next()).toBe('open')
    expect(await opened.next()).toBe(a)
    x.send('welcome', peer)
    expect(await inbox.next()).toBe('welcome')
  } finally {
    close()
  }
})

test('a remote that detached may attach again, also within one tick', async () => {
  const two = new Two()
  try {
    const { b, detachB } = two.connect()
    const events = new Inbox<string>()
    const x = two.A.register('x', {
      encoding: 'utf8',
      onopen: () => events.push('open'),
      onclose: () => events.push('close')
    })
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    expect(await events.next()).toBe('open')
    detachB()
    const again = two.B.attach(b, two.a)
    expect(await events.take(2)).toEqual(['close', 'open'])
    x.send('again', two.b)
    expect(await inbox.next()).toBe('again')
    again()
    expect(await events.next()).toBe('close')
    two.B.attach(b, two.a)
    expect(await events.next()).toBe('open')
    x.send('and again', two.b)
    expect(await inbox.next()).toBe('and again')
  } finally {
    two.close()
  }
})

test('a detach and attach before the remote has answered works', async () => {
  const two = new Two()
  try {
    const { b, detachB } = two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    const opened = new Inbox<Peer>()
    const x = two.A.register('x', { encoding: 'utf8', onopen: opened.push })
    detachB()
    two.B.attach(b, two.a)
    await opened.take(2)
    x.send('works', two.b)
    expect(await inbox.next()).toBe('works')
  } finally {
    two.close()
  }
})

test('a user may have Protomux channels on the same stream, opened before or after', async () => {
  const [a, b] = streams()
  const inbox = new Inbox<string>()
  const A = new Extensions<Peer>()
  const B = new Extensions<Peer>()
  try {
    const options = (name: string) => ({
      protocol: name,
      messages: [
        {
          encoding: raw,
          onmessage: (bytes: Uint8Array) => inbox.push(`${name} ${Buffer.from(bytes).toString()}`)
        }
      ]
    })
    const open = (name: string) =>
      [a, b].map((stream) => {
        const channel = Protomux.from(stream).createChannel<Uint8Array>(options(name))
        channel?.open()
        return channel
      })
    const [before] = open('before')
    B.register('x', { encoding: 'utf8', onmessage: (text) => inbox.push(`x ${text}`) })
    const peer = new Peer('b')
    A.attach(a, peer)
    B.attach(b, new Peer('a'))
    const [after] = open('after')
    before?.messages[0]?.send(Buffer.from('1'))
    A.register('x', { encoding: 'utf8' }).send('2', peer)
    after?.messages[0]?.send(Buffer.from('3'))
    // Our message leaves at the end of the tick.
    expect(await inbox.take(3)).toEqual(['before 1', 'after 3', 'x 2'])
  } finally {
    for (const one of [A, B, a, b]) one.destroy()
  }
})

test('detach closes the channel and takes our listeners away; the pairing too', async () => {
  const { a, b, B, events, detach, close } = half()
  try {
    const before = a.listenerCount('close')
    Protomux.from(b)
    expect(await events.next()).toBe('reject')
    detach()
    expect(a.listenerCount('close')).toBe(before - 1)
    const rejected = new Inbox<void>()
    B.attach(b, new Peer('a'), { onreject: rejected.push })
    await rejected.next()
    expect(events.all).toEqual(['reject'])
  } finally {
    close()
  }
})

test('a stream that closes is detached, also when the remote had rejected the channel', async () => {
  const { a, b, A, peer, events, close } = half()
  try {
    const x = A.register('x')
    Protomux.from(b)
    expect(await events.next()).toBe('reject')
    a.destroy()
    await closed(a)
    expect(() => x.send(new Uint8Array(), peer)).toThrow(expect.objectContaining({ code: 'PEER_GONE' }))
    expect(events.all).toEqual(['reject'])
  } finally {
    close()
  }
})

test('attaching a destroyed stream does nothing', async () => {
  const [a, b] = streams()
  const A = new Extensions<Peer>()
  try {
    a.destroy()
    const peer = new Peer('b')
    const detach = A.attach(a, peer)
    const x = A.register('x')
    linkOf(A, a)?.prefer()
    linkOf(A, a)?.use(1)
    expect(() => x.send(new Uint8Array(), peer)).toThrow(expect.objectContaining({ code: 'PEER_GONE' }))
    detach()
    expect(a.userData).toBe(null)
  } finally {
    for (const one of [A, a, b]) one.destroy()
  }
})

test('a stream is attached once: a second attach, by whomever, is refused and harms nothing', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const twice = expect.objectContaining({ code: 'INVALID_OPTION' })
    expect(() => two.A.attach(a, two.b)).toThrow(twice)
    expect(() => new Extensions<Peer>().attach(a, two.b)).toThrow(twice)
    await two.flushed()
  } finally {
    two.close()
  }
})

test('a remote that leaves has not rejected us', async () => {
  const { b, A, B, events, close } = half()
  try {
    const left = new Inbox<Peer>()
    A.register('x', { onclose: left.push })
    B.register('x')
    const detachB = B.attach(b, new Peer('a'))
    expect(await events.next()).toBe('open')
    detachB()
    await left.next()
    expect(events.all).toEqual(['open'])
  } finally {
    close()
  }
})

test('one who leaves, or whose stream closes, before the remote has answered is not rejected', async () => {
  const left = half()
  const ended = half()
  try {
    left.detach()
    ended.a.destroy()
    await closed(ended.a)
    expect([left.events.all, ended.events.all]).toEqual([[], []])
  } finally {
    left.close()
    ended.close()
  }
})

test('what came along with the open is not delivered when the hook detaches', async () => {
  const [a, b] = streams()
  const events = new Inbox<string>()
  const A = new Extensions<Peer>()
  const B = new Extensions<Peer>()
  try {
    const x = A.register('x', { onopen: () => events.push('x') })
    B.register('x')
    const detach = A.attach(a, new Peer('b'), {
      onreject: () => events.push('reject'),
      onopen: () => {
        detach()
        events.push('open')
      }
    })
    Protomux.from(b)
    expect(await events.next()).toBe('reject')
    B.attach(b, new Peer('a'))
    expect(await events.next()).toBe('open')
    expect(x.peers.size).toBe(0)
    expect(events.all).toEqual(['reject', 'open'])
  } finally {
    for (const one of [A, B, a, b]) one.destroy()
  }
})

test('a hook may detach the stream on which it is called', async () => {
  const two = new Two()
  try {
    const inbox = new Inbox<unknown>()
    const left = new Inbox<Peer>()
    two.B.register('x', { onmessage: inbox.push })
    const x = two.A.register('x', { onclose: left.push })
    const { detachB } = two.connect({ b: { onopen: () => detachB() } })
    x.send(Buffer.from('was on its way'), two.b)
    await left.next()
    two.connect()
    await two.flushed()
    expect(inbox.all).toEqual([])
    expect(two.faults.all).toEqual([])
  } finally {
    two.close()
  }
})

test('the wire is as docs/wire.md shows it', async () => {
  const { b, A, peer, a, close } = half()
  try {
    const hand = new Hand(b)
    const chat = A.register('chat', { encoding: 'utf8' })
    chat.send('hi', peer)
    A.register('chat').destroy()
    linkOf(A, a)?.use(1)
    chat.destroy()
    A.register('chat')
    expect(await hand.frames.take(5)).toEqual([
      { type: 0, bytes: '00000463686174' },
      { type: 1, bytes: 'fd0300006869' },
      { type: 0, bytes: '0201' },
      { type: 0, bytes: '0100' },
      { type: 0, bytes: '00010463686174' }
    ])
  } finally {
    close()
  }
})
