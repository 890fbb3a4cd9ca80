import { raw } from 'compact-encoding'
import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { type Codec, Extensions } from '../src/index.js'
import { closed, Inbox, Peer, streams, Two } from './support.js'

/** Counts what A writes to the stream. */
function writes(stream: ReturnType<typeof streams>[0]): { count: number } {
  const counter = { count: 0 }
  const { write } = stream
  stream.write = (data) => {
    counter.count++
    return write.call(stream, data)
  }
  return counter
}

test('what is sent within one tick shares a frame, of several extensions too, and keeps its order', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const inbox = new Inbox<string>()
    for (const name of ['x', 'y']) {
      two.B.register(name, { encoding: 'utf8', onmessage: (text) => inbox.push(`${name} ${text}`) })
    }
    const x = two.A.register('x', { encoding: 'utf8' })
    const y = two.A.register('y', { encoding: 'utf8' })
    await two.flushed()
    const counter = writes(a)
    x.send('1', two.b)
    y.broadcast('2')
    x.send('3', two.b)
    expect(await inbox.take(3)).toEqual(['x 1', 'y 2', 'x 3'])
    expect(counter.count).toBe(1)
  } finally {
    two.close()
  }
})

test('a message leaves at the end of its tick, before the event loop turns', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const x = two.A.register('x')
    await two.flushed()
    const counter = writes(a)
    for (let tick = 1; tick <= 3; tick++) {
      x.send(Buffer.from('lone'), two.b)
      await Promise.resolve()
      expect(counter.count).toBe(tick)
    }
  } finally {
    two.close()
  }
})

test('peers that get different messages of one tick, or some of them, get theirs in order', async () => {
  const A = new Extensions<Peer>()
  const ends: { destroy(): void }[] = [A]
  try {
    const x = A.register('x', { encoding: 'utf8' })
    const [first, second] = ['first', 'second'].map((name) => {
      const [near, far] = streams()
      const [peer, B, inbox] = [new Peer(name), new Extensions<Peer>(), new Inbox<string>()]
      ends.push(B, near, far)
      A.attach(near, peer)
      B.register('x', { encoding: 'utf8', onmessage: inbox.push })
      B.attach(far, new Peer('a'))
      return { peer, inbox }
    }) as [{ peer: Peer; inbox: Inbox<string> }, { peer: Peer; inbox: Inbox<string> }]
    for (const to of [first, second, second, first]) x.send(`to ${to.peer.name}`, to.peer)
    x.broadcast('to all')
    x.send('to first again', first.peer)
    expect(await first.inbox.take(4)).toEqual(['to first', 'to first', 'to all', 'to first again'])
    expect(await second.inbox.take(3)).toEqual(['to second', 'to second', 'to all'])
  } finally {
    for (const end of ends) end.destroy()
  }
})

test('more than one frame holds is sent meanwhile, in order, whatever the sizes', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const sizes = new Inbox<number>()
    two.B.register('x', { onmessage: (bytes) => sizes.push(bytes.byteLength) })
    const x = two.A.register('x')
    await two.flushed()
    const counter = writes(a)
    const sent = [...Array<number>(10).fill(10_000), 100_000, 1, 1_000_000, 2, 3]
    for (const size of sent) x.send(Buffer.alloc(size), two.b)
    expect(counter.count).toBe(5) // frames: six messages, four, a large one, the one behind it, a large one
    expect(await sizes.take(sent.length)).toEqual(sent)
  } finally {
    two.close()
  }
})

test('an encoding may send while it encodes, also more than fits beside its own message', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    two.B.register('y', { onmessage: (bytes) => inbox.push(`${bytes.byteLength}`) })
    const y = two.A.register('y')
    const encoding: Codec<string> = {
      ...raw.utf8,
      encode(state, text) {
        y.send(Buffer.alloc(60_000), two.b)
        raw.utf8.encode(state, text)
      }
    }
    const x = two.A.register('x', { encoding })
    x.send('1'.repeat(20_000), two.b)
    x.send('2', two.b)
    expect(await inbox.take(4)).toEqual(['60000', '1'.repeat(20_000), '60000', '2'])
  } finally {
    two.close()
  }
})

test('what an encoding did not write is not sent, and one that writes too much is refused', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    const encoding = (asked: number): Codec<string> => ({
      ...raw.utf8,
      preencode(state) {
        state.end += asked
      }
    })
    two.A.register('x', { encoding: encoding(8) }).send('short', two.b)
    expect(() => two.A.register('x', { encoding: encoding(3) }).send('long', two.b)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' })
    )
    two.A.register('x', { encoding: 'utf8' }).send('next', two.b)
    expect(await inbox.take(2)).toEqual(['short', 'next'])
  } finally {
    two.close()
  }
})

test.each([-2, 0.5, Number.NaN])(
  'an encoding that asks for %d bytes is refused, and harms no other message',
  async (asked) => {
    const two = new Two()
    try {
      two.connect()
      const inbox = new Inbox<string>()
      two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
      const x = two.A.register('x', { encoding: 'utf8' })
      const wrong: Codec<string> = {
        ...raw.utf8,
        preencode(state) {
          state.end += asked
        }
      }
      x.send('before', two.b)
      expect(() => two.A.register('y', { encoding: wrong }).send('y', two.b)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' })
      )
      x.send('after', two.b)
      expect(await inbox.take(2)).toEqual(['before', 'after'])
    } finally {
      two.close()
    }
  }
)

test('a stream that throws when it is written to is reported; what is sent thereupon, and to others, arrives', async () => {
  const faults: unknown[] = []
  const again = 'again'.repeat(10)
  const A = new Extensions<Peer>({
    onfault(error) {
      faults.push(error)
      queueMicrotask(() => x.send(again, healthy))
      x.send('sorry', healthy)
    }
  })
  const B = new Extensions<Peer>()
  const [broken, healthy] = [new Peer('broken'), new Peer('healthy')]
  const x = A.register('x', { encoding: 'utf8' })
  const [[a], [b, far]] = [streams(), streams()]
  try {
    const inbox = new Inbox<string>()
    B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    A.attach(a, broken)
    A.attach(b, healthy)
    B.attach(far, new Peer('a'))
    const failure = new Error('no write')
    const { write } = a
    a.write = () => {
      a.write = write
      throw failure
    }
    x.send('hi', healthy)
    x.send('lost', broken)
    expect(await inbox.take(3)).toEqual(['hi', 'sorry', again])
    expect(faults).toEqual([failure])
  } finally {
    for (const one of [A, B, a, b, far]) one.destroy()
  }
})

test('what was sent before a stream is ended arrives, in the same tick and behind other writes too', async () => {
  const two = new Two()
  const [a, b] = streams()
  try {
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    const x = two.A.register('x', { encoding: 'utf8' })
    two.A.attach(a, two.b)
    two.B.attach(b, two.a)
    await two.flushed()
    const other = Protomux.from(a).createChannel({ protocol: 'other' })
    other?.open() // the stream is about to write already
    x.send('1', two.b)
    x.send('2', two.b)
    a.end()
    expect(await inbox.take(2)).toEqual(['1', '2'])
    await closed(a)
  } finally {
    two.close()
    for (const stream of [a, b]) stream.destroy()
  }
})

test('what was sent before a detach arrives, also when the stream is ended right after', async () => {
  const two = new Two()
  try {
    const { a, detachA } = two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    const x = two.A.register('x', { encoding: 'utf8' })
    await two.flushed()
    x.send('1', two.b)
    x.send('2', two.b)
    detachA()
    a.end()
    expect(await inbox.take(2)).toEqual(['1', '2'])
  } finally {
    two.close()
  }
})

test('a stream that is destroyed in the tick of a message harms nothing', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const x = two.A.register('x')
    await two.flushed()
    for (let i = 0; i < 3; i++) x.send(Buffer.from('lost'), two.b)
    a.destroy()
    await closed(a)
    expect(two.faults.all).toEqual([])
  } finally {
    two.close()
  }
})

test('attaching again and again leaves the stream as it was', () => {
  const [a, b] = streams()
  const A = new Extensions<Peer>()
  try {
    const { end } = a
    for (let i = 0; i < 3; i++) A.attach(a, new Peer('b'))()
    expect(a.end).toBe(end)
  } finally {
    for (const one of [A, a, b]) one.destroy()
  }
})
