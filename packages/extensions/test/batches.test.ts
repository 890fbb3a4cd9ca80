import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { Extensions } from '../src/index.js'
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

test('what follows a first message within one tick shares a frame, of several extensions too, and keeps its order', async () => {
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
    expect(counter.count).toBe(1)
    expect(await inbox.take(3)).toEqual(['x 1', 'y 2', 'x 3'])
    expect(counter.count).toBe(2)
  } finally {
    two.close()
  }
})

test('a lone message leaves at once, in each tick', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const x = two.A.register('x')
    await two.flushed()
    const counter = writes(a)
    for (let tick = 1; tick <= 3; tick++) {
      x.send(Buffer.from('lone'), two.b)
      expect(counter.count).toBe(tick)
      await new Promise((resolve) => setImmediate(resolve))
      expect(counter.count).toBe(tick)
    }
  } finally {
    two.close()
  }
})

test('what waits to share a frame is bounded, and a large message does not wait', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const sizes = new Inbox<number>()
    two.B.register('x', { onmessage: (bytes) => sizes.push(bytes.byteLength) })
    const x = two.A.register('x')
    await two.flushed()
    const counter = writes(a)
    for (let i = 0; i < 10; i++) x.send(Buffer.alloc(10_000), two.b)
    expect(counter.count).toBe(2) // the first, and six that have reached the bound
    x.send(Buffer.alloc(100_000), two.b)
    expect(counter.count).toBe(4) // the three that waited, and itself
    expect(await sizes.take(11)).toEqual([...Array<number>(10).fill(10_000), 100_000])
  } finally {
    two.close()
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
