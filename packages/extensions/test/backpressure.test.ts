import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { Extensions, type ExtensionsOptions } from '../src/index.js'
import { Inbox, linkOf, Peer, streams } from './support.js'

const KIB = 1024
const MIB = 1024 * KIB

/** A sends; B is attached when it is told to read. */
function stalled(options: ExtensionsOptions = {}) {
  const [a, b] = streams()
  const A = new Extensions<Peer>(options)
  const B = new Extensions<Peer>()
  const errors = new Inbox<unknown>()
  const received = new Inbox<number>()
  const peer = new Peer('b')
  A.attach(a, peer)
  const x = A.register('x', { onerror: errors.push })
  B.register('x', { onmessage: (bytes) => received.push(bytes.byteLength) })
  const read = () => B.attach(b, new Peer('a'))
  const close = () => {
    for (const one of [A, B, a, b]) one.destroy()
  }
  return { a, b, A, x, peer, errors, received, read, close }
}

test('send returns false when the stream is full, and drained resolves when it takes more', async () => {
  const { x, peer, received, read, close } = stalled()
  try {
    await x.drained(peer)
    expect(x.send(Buffer.alloc(10), peer)).toBe(true)
    for (let i = 0; i < 4; i++) expect(x.send(Buffer.alloc(100 * KIB), peer)).toBe(false)
    const drained = x.drained(peer)
    const order = new Inbox<string>()
    drained.then(() => order.push('drained'))
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(order.all).toEqual([])
    read()
    await drained
    expect(x.send(Buffer.alloc(20), peer)).toBe(true)
    expect(await received.take(6)).toEqual([10, ...Array<number>(4).fill(100 * KIB), 20])
  } finally {
    close()
  }
})

test('drained rejects when the peer goes meanwhile, and at once when it is not attached', async () => {
  const { a, x, peer, close } = stalled()
  try {
    const gone = expect.objectContaining({ code: 'PEER_GONE' })
    await expect(x.drained(new Peer('stranger'))).rejects.toThrow(gone)
    x.send(Buffer.alloc(100 * KIB), peer)
    const drained = x.drained(peer)
    x.drained(peer) // a promise that is ignored must not end the process
    a.destroy()
    await expect(drained).rejects.toThrow(gone)
  } finally {
    close()
  }
})

test('drained resolves when another stream of the peer takes over', async () => {
  const { A, x, peer, a, close } = stalled()
  const [other, far] = streams()
  try {
    for (let i = 0; i < 4; i++) x.send(Buffer.alloc(100 * KIB), peer)
    const drained = x.drained(peer)
    A.attach(other, peer)
    linkOf(A, other)?.prefer()
    await drained
    linkOf(A, a)?.prefer()
    const again = x.drained(peer)
    a.destroy()
    await again
  } finally {
    close()
    for (const stream of [other, far]) stream.destroy()
  }
})

test('what waits for a peer that does not read is bounded; the rest is refused and told to onerror', async () => {
  const { x, peer, errors, received, read, close } = stalled({ maxBacklog: 4 * MIB })
  try {
    let sent = 0
    while (errors.all.length === 0 && sent < 1000) {
      x.send(Buffer.alloc(64 * KIB), peer)
      sent++
    }
    expect(errors.all).toEqual([
      expect.objectContaining({ code: 'BACKLOG_FULL', message: expect.stringContaining('drained') })
    ])
    expect(sent).toBe(64)
    expect(x.send(Buffer.alloc(64 * KIB), peer)).toBe(false)
    x.broadcast(Buffer.alloc(64 * KIB))
    expect(errors.all.length).toBe(3)
    read()
    await x.drained(peer)
    x.send(Buffer.alloc(1), peer)
    const sizes = await received.take(64)
    expect(sizes).toEqual([...Array<number>(63).fill(64 * KIB), 1])
  } finally {
    close()
  }
})

test('the bound holds without an onerror: onfault is told', () => {
  const faults = new Inbox<unknown>()
  const { A, peer, close } = stalled({ maxBacklog: MIB, onfault: faults.push })
  try {
    const y = A.register('y')
    for (let i = 0; i < 5; i++) y.send(Buffer.alloc(MIB / 2), peer)
    expect(faults.all.length).toBe(4)
  } finally {
    close()
  }
})

test('empty messages count too', () => {
  const { x, peer, errors, close } = stalled({ maxBacklog: MIB })
  try {
    for (let i = 0; i < 10_000; i++) x.send(new Uint8Array(), peer)
    // 2048 messages, and those below the stream's high-water mark, up to which it takes all.
    expect(10_000 - errors.all.length).toBeLessThan(8000)
    expect(10_000 - errors.all.length).toBeGreaterThan(2000)
  } finally {
    close()
  }
})

test('a first message is taken though it is larger than the backlog', async () => {
  const { x, peer, errors, received, read, close } = stalled({ maxBacklog: KIB })
  try {
    read()
    x.send(Buffer.alloc(MIB), peer)
    expect(await received.next()).toBe(MIB)
    expect(errors.all).toEqual([])
  } finally {
    close()
  }
})

test('the streams of one peer share its backlog', () => {
  const { A, x, peer, errors, close } = stalled({ maxBacklog: MIB })
  const [other, far] = streams()
  try {
    A.attach(other, peer)
    x.send(Buffer.alloc(MIB), peer)
    linkOf(A, other)?.prefer()
    x.send(Buffer.alloc(MIB), peer)
    expect(errors.all.length).toBe(1)
  } finally {
    close()
    for (const stream of [other, far]) stream.destroy()
  }
})

test('a corked stream, as replication leaves it until it opened, is bounded and drains as well', async () => {
  const { a, x, peer, errors, received, read, close } = stalled({ maxBacklog: 8 * MIB })
  try {
    const mux = Protomux.from(a)
    mux.cork()
    read()
    const answers: boolean[] = []
    for (let i = 0; i < 20; i++) answers.push(x.send(Buffer.alloc(512 * KIB), peer))
    expect(answers).toEqual([true, ...Array<boolean>(19).fill(false)])
    expect(errors.all.length).toBe(5)
    const drained = x.drained(peer)
    mux.uncork()
    await drained
    expect((await received.take(15)).length).toBe(15)
    expect(x.send(Buffer.alloc(1), peer)).toBe(true)
    expect(await received.next()).toBe(1)
  } finally {
    close()
  }
})

test('a wait on a corked stream ends when it is uncorked, also when too little is written for a drain', async () => {
  const { a, x, peer, received, read, close } = stalled()
  try {
    const mux = Protomux.from(a)
    mux.cork()
    read()
    let sent = 1
    while (x.send(Buffer.alloc(1), peer)) sent++
    const drained = x.drained(peer)
    mux.uncork()
    await drained
    expect((await received.take(sent)).length).toBe(sent)
  } finally {
    close()
  }
})

test('the largest messages arrive, also when replication corks two into one frame', async () => {
  const { a, x, peer, received, read, close } = stalled()
  try {
    read()
    const largest = 8 * MIB - 64 * KIB
    const mux = Protomux.from(a)
    mux.cork()
    for (let i = 0; i < 3; i++) x.send(Buffer.alloc(largest), peer)
    mux.uncork()
    expect(await received.take(3)).toEqual([largest, largest, largest])
  } finally {
    close()
  }
})
