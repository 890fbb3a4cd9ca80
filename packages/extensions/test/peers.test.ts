import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { closed, Inbox, linkOf, Peer, queuedBytes, streams, Two } from './support.js'

/** Registers a name, and notes the calls of its handlers. */
function watched(two: Two, side: 'A' | 'B', name = 'x', events = new Inbox<string>()) {
  const ext = two[side].register(name, {
    encoding: 'utf8',
    onmessage: (text, peer) => events.push(`${text} from ${peer.name}`),
    onopen: (peer) => events.push(`open ${peer.name}`),
    onclose: (peer) => events.push(`close ${peer.name}`)
  })
  return { ext, events }
}

test('a peer is open while it has the name too', async () => {
  const two = new Two()
  try {
    two.connect()
    const { ext, events } = watched(two, 'A')
    expect([...ext.peers]).toEqual([])
    const there = two.B.register('x')
    expect(await events.next()).toBe('open b')
    expect([...ext.peers]).toEqual([two.b])
    there.destroy()
    expect(await events.next()).toBe('close b')
    expect([...ext.peers]).toEqual([])
  } finally {
    two.close()
  }
})

test('a peer that had announced the name is open as soon as it is registered; onopen waits for register to return', async () => {
  const two = new Two()
  try {
    two.connect()
    const first = watched(two, 'A')
    two.B.register('x')
    await first.events.next()
    let returned = false
    const opened = new Inbox<boolean>()
    const second = two.A.register('x', { onopen: () => opened.push(returned) })
    expect([...second.peers]).toEqual([two.b])
    returned = true
    expect(await opened.next()).toBe(true)
  } finally {
    two.close()
  }
})

test('a message that comes in the tick of register finds onopen called before onmessage', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const events = new Inbox<string>()
    // Both messages are in one frame: the second is handled in the tick in which the first one registers.
    two.B.register('first', { onmessage: () => watched(two, 'B', 'x', events) })
    const first = two.A.register('first')
    const x = two.A.register('x', { encoding: 'utf8' })
    await two.flushed()
    const mux = Protomux.from(a)
    mux.cork()
    first.send(new Uint8Array(), two.b)
    x.send('second', two.b)
    mux.uncork()
    expect(await events.take(2)).toEqual(['open a', 'second from a'])
  } finally {
    two.close()
  }
})

test('a peer that goes in the tick of register is not told of at all', async () => {
  const two = new Two()
  try {
    const { detachA } = two.connect()
    two.B.register('x')
    const first = watched(two, 'A')
    expect(await first.events.next()).toBe('open b')
    const second = watched(two, 'A')
    detachA()
    expect(await first.events.next()).toBe('close b')
    expect(second.events.all).toEqual([])
    expect([...second.ext.peers]).toEqual([])
  } finally {
    two.close()
  }
})

test('an extension that is destroyed in the tick of register hears nothing', async () => {
  const two = new Two()
  try {
    two.connect()
    two.B.register('x')
    const first = watched(two, 'A')
    await first.events.next()
    const second = watched(two, 'A')
    second.ext.destroy()
    await two.flushed()
    expect(second.events.all).toEqual([])
    expect([...second.ext.peers]).toEqual([])
  } finally {
    two.close()
  }
})

test('a name registered twice is announced once and retracted with the last; each registration hears it itself', async () => {
  const two = new Two()
  try {
    two.connect()
    const here = watched(two, 'A')
    const first = watched(two, 'B')
    const second = watched(two, 'B')
    expect(await first.events.next()).toBe('open a')
    expect(await second.events.next()).toBe('open a')
    first.ext.destroy()
    await two.flushed()
    expect(here.events.all).toEqual(['open b'])
    expect([...second.ext.peers]).toEqual([two.a])
    second.ext.destroy()
    expect(await here.events.take(2)).toEqual(['open b', 'close b'])
    expect(first.events.all).toEqual(['open a'])
    expect(second.events.all).toEqual(['open a'])
  } finally {
    two.close()
  }
})

test('a registration that destroys itself in onopen does not take the onopen of the next one along', async () => {
  const two = new Two()
  try {
    const first = two.A.register('x', {
      onopen: () => {
        first.destroy()
      }
    })
    const { ext, events } = watched(two, 'A')
    two.B.register('x')
    two.connect()
    expect(await events.next()).toBe('open b')
    expect([...ext.peers]).toEqual([two.b])
  } finally {
    two.close()
  }
})

test('onclose comes when the stream closes, and send then says that the peer is gone', async () => {
  const two = new Two()
  try {
    const { a, b } = two.connect()
    const { ext, events } = watched(two, 'A')
    two.B.register('x')
    await events.next()
    b.destroy()
    expect(await events.next()).toBe('close b')
    await closed(a)
    expect([...ext.peers]).toEqual([])
    expect(() => ext.send('anyone?', two.b)).toThrow(expect.objectContaining({ code: 'PEER_GONE' }))
  } finally {
    two.close()
  }
})

test('onclose comes on both sides when one detaches, and the stream goes on', async () => {
  const two = new Two()
  try {
    const { a, b, detachA } = two.connect()
    const here = watched(two, 'A')
    const there = watched(two, 'B')
    await here.events.next()
    await there.events.next()
    detachA()
    detachA()
    expect(here.events.all).toEqual(['open b', 'close b'])
    expect(await there.events.next()).toBe('close a')
    expect([a.destroying, b.destroying]).toEqual([false, false])
  } finally {
    two.close()
  }
})

test('with several streams to a peer there is one onopen, and onclose comes with the last of them', async () => {
  const two = new Two()
  try {
    const first = two.connect()
    const second = two.connect()
    const { ext, events } = watched(two, 'A')
    two.B.register('x')
    await two.flushed(first.a)
    await two.flushed(second.a)
    expect(events.all).toEqual(['open b'])
    first.b.destroy()
    await closed(first.a)
    expect([...ext.peers]).toEqual([two.b])
    second.b.destroy()
    expect(await events.take(2)).toEqual(['open b', 'close b'])
    await closed(second.a)
    expect(events.all).toEqual(['open b', 'close b'])
  } finally {
    two.close()
  }
})

test('data that comes over any stream of a peer is delivered, once', async () => {
  const two = new Two()
  try {
    const first = two.connect()
    const second = two.connect()
    const { events } = watched(two, 'B')
    const x = two.A.register('x', { encoding: 'utf8' })
    expect(await events.next()).toBe('open a')
    x.send('by the oldest', two.b)
    expect(await events.next()).toBe('by the oldest from a')
    linkOf(two.A, second.a)?.prefer()
    x.send('by the preferred', two.b)
    expect(await events.next()).toBe('by the preferred from a')
    x.broadcast('to all')
    expect(await events.next()).toBe('to all from a')
    await two.flushed(first.a)
    await two.flushed(second.a)
    expect(events.all.length).toBe(4)
  } finally {
    two.close()
  }
})

test('sends go over the oldest stream, then over the preferred one, and back when that is detached', async () => {
  const two = new Two()
  try {
    const x = two.A.register('x')
    const first = two.connect()
    const second = two.connect()
    const stranger = two.connect()
    stranger.detachA()
    two.A.attach(stranger.a, new Peer('another'))
    const carrier = () => {
      const before = [first, second, stranger].map(({ a }) => queuedBytes(a))
      x.send(Buffer.alloc(100_000), two.b) // too large to wait for the end of the tick
      return [first, second, stranger].findIndex(({ a }, i) => queuedBytes(a) !== before[i])
    }
    expect(carrier()).toBe(0)
    linkOf(two.A, second.a)?.prefer()
    expect(carrier()).toBe(1)
    second.detachA()
    expect(carrier()).toBe(0)
  } finally {
    two.close()
  }
})

test('a stream that is being destroyed is not used while there is another', async () => {
  const two = new Two()
  try {
    const first = two.connect()
    two.connect()
    const { events } = watched(two, 'B')
    const x = two.A.register('x', { encoding: 'utf8' })
    expect(await events.next()).toBe('open a')
    first.a.destroy()
    x.send('arrives', two.b)
    expect(await events.next()).toBe('arrives from a')
  } finally {
    two.close()
  }
})

test('a preferred stream on which the remote has no channel is not used', async () => {
  const two = new Two()
  const [a, b] = streams()
  try {
    two.connect()
    b.resume()
    const rejected = new Inbox<void>()
    Protomux.from(b)
    two.A.attach(a, two.b, { onreject: rejected.push })
    linkOf(two.A, a)?.prefer()
    await rejected.next()
    const { events } = watched(two, 'B')
    two.A.register('x', { encoding: 'utf8' }).send('arrives', two.b)
    expect(await events.take(2)).toEqual(['open a', 'arrives from a'])
  } finally {
    two.close()
    for (const stream of [a, b]) stream.destroy()
  }
})

test('use(n) reaches the hook of that stream on the other side, and no other', async () => {
  const two = new Two()
  try {
    const uses = new Inbox<string>()
    const first = two.connect({ b: { onuse: (n) => uses.push(`first ${n}`) } })
    const second = two.connect({ b: { onuse: (n) => uses.push(`second ${n}`) } })
    const n = 1_700_000_000_000
    linkOf(two.A, second.a)?.use(n)
    expect(await uses.next()).toBe(`second ${n}`)
    linkOf(two.A, first.a)?.use(n + 1)
    expect(await uses.next()).toBe(`first ${n + 1}`)
    first.detachA()
    linkOf(two.A, first.a)?.use(n + 2)
    await two.flushed()
    expect(uses.all.length).toBe(2)
  } finally {
    two.close()
  }
})

test('use(n) that is sent when the remote opens comes after what was sent before on that stream', async () => {
  const two = new Two()
  try {
    const events = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: events.push })
    const x = two.A.register('x', { encoding: 'utf8' })
    const { a } = two.connect({
      a: { onopen: () => linkOf(two.A, a)?.use(1) },
      b: { onuse: (n) => events.push(`use ${n}`) }
    })
    x.send('before', two.b)
    expect(await events.take(2)).toEqual(['before', 'use 1'])
  } finally {
    two.close()
  }
})

test('destroy ends all of it: no handler is called, nothing can be sent, streams stay open', async () => {
  const two = new Two()
  try {
    const { a, b } = two.connect()
    const here = watched(two, 'A')
    const there = watched(two, 'B')
    await here.events.next()
    await there.events.next()
    two.A.destroy()
    two.A.destroy()
    expect(await there.events.next()).toBe('close a')
    expect(here.events.all).toEqual(['open b'])
    expect([...here.ext.peers]).toEqual([])
    expect([a.destroying, b.destroying]).toEqual([false, false])
    const isClosed = expect.objectContaining({ name: 'NetworkerError', code: 'CLOSED' })
    expect(() => here.ext.send('', two.b)).toThrow(isClosed)
    expect(() => here.ext.broadcast('')).toThrow(isClosed)
    await expect(here.ext.drained(two.b)).rejects.toThrow(isClosed)
    expect(() => two.A.register('y')).toThrow(isClosed)
    expect(() => two.A.attach(a, two.b)).toThrow(isClosed)
    linkOf(two.A, a)?.prefer()
    linkOf(two.A, a)?.use(1)
  } finally {
    two.close()
  }
})
