import { describe, expect, expectTypeOf, it } from 'vitest'
import { Networker, type NoiseStream, type Peer } from '../src/index.js'
import { FakeTransport, fakeStore, link, newKeyPair, next } from './support.js'

/** Two networkers; `link()` gives them another stream to each other. */
async function two() {
  const sides = [newKeyPair(), newKeyPair()].map((keyPair) => {
    const transport = new FakeTransport()
    const events: string[] = []
    const networker = new Networker(fakeStore(), { transports: [transport], keyPair })
    networker.on('peer-add', () => events.push('peer-add'))
    networker.on('peer-remove', () => events.push('peer-remove'))
    const faults: unknown[] = []
    networker.on('fault', (error) => faults.push(error))
    return { transport, networker, events, faults, peer: () => [...networker.peers][0] as Peer }
  })
  const [a, b] = sides as [(typeof sides)[0], (typeof sides)[0]]
  await Promise.all(sides.map(({ networker }) => networker.listen()))
  return {
    a,
    b,
    link: () => link(a.transport, b.transport),
    async [Symbol.asyncDispose]() {
      await Promise.all(sides.map(({ networker }) => networker.close()))
    }
  }
}

type Side = Awaited<ReturnType<typeof two>>['a']

function chat({ networker, events }: Side, onmessage: (message: string) => unknown = () => {}) {
  return networker.protocol({
    name: 'chat',
    messages: [{ encoding: 'utf8', onmessage }],
    onopen: () => events.push('open'),
    onclose: () => events.push('close')
  })
}

/** Resolves with the next message that a side gets, when the other sends one. */
function heard(side: Side) {
  const got: string[] = []
  let wake = () => {}
  const protocol = chat(side, (message) => {
    got.push(message)
    wake()
  })
  const take = async (count: number) => {
    while (got.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return got.splice(0)
  }
  return { protocol, take }
}

describe('a protocol of the app', () => {
  it('opens after peer-add, carries messages both ways, and closes before peer-remove', async () => {
    await using pair = await two()
    const [here, there] = [heard(pair.a), heard(pair.b)]
    const [stream] = await pair.link()
    expect([...here.protocol.peers]).toEqual([pair.a.peer()])
    expect(here.protocol.send(0, 'from a', pair.a.peer())).toBe(true)
    there.protocol.send(0, 'from b', pair.b.peer())
    expect(await there.take(1)).toEqual(['from a'])
    expect(await here.take(1)).toEqual(['from b'])
    const removed = [next(pair.a.networker, 'peer-remove'), next(pair.b.networker, 'peer-remove')]
    stream.destroy()
    await Promise.all(removed)
    for (const { events } of [pair.a, pair.b]) {
      expect(events).toEqual(['peer-add', 'open', 'close', 'peer-remove'])
    }
  })

  it('is one channel over two streams, opens once, and moves with the peer', async () => {
    await using pair = await two()
    const [here, there] = [heard(pair.a), heard(pair.b)]
    const older = await pair.link()
    const newer = await pair.link()
    await Promise.all(older.map(async (stream) => stream.destroyed || next(stream, 'close')))
    expect([pair.a.peer().stream, pair.b.peer().stream]).toEqual(newer)
    here.protocol.send(0, 'a', pair.a.peer())
    there.protocol.send(0, 'b', pair.b.peer())
    expect([await there.take(1), await here.take(1)]).toEqual([['a'], ['b']])
    for (const { events } of [pair.a, pair.b]) expect(events).toEqual(['peer-add', 'open'])
  })

  it('may be made after the stream has come, on either side first, and again after it was closed', async () => {
    await using pair = await two()
    await pair.link()
    const here = heard(pair.a)
    const { peer } = pair.a
    expect(() => here.protocol.send(0, 'early', peer())).toThrow(
      expect.objectContaining({ code: 'PEER_GONE' })
    )
    const there = heard(pair.b)
    for (let i = 0; i < 2; i++) {
      const opened = i === 0 ? here : heard(pair.a)
      while (opened.protocol.peers.size === 0 || there.protocol.peers.size === 0) await turn()
      opened.protocol.send(0, `hi ${i}`, peer())
      expect(await there.take(1)).toEqual([`hi ${i}`])
      opened.protocol.close()
      while (there.protocol.peers.size > 0) await turn()
      expect(() => opened.protocol.send(0, 'late', peer())).toThrow(
        expect.objectContaining({ code: 'CLOSED' })
      )
    }
    expect(pair.b.events).toEqual(['peer-add', 'open', 'close', 'open', 'close'])
  })

  it('of another version, another id or another name is another protocol', async () => {
    await using pair = await two()
    const id = Buffer.alloc(32, 1)
    for (const options of [{ name: 'x', version: 1 }, { name: 'x', id }, { name: 'y' }])
      pair.a.networker.protocol(options)
    const others = [{ name: 'x', version: 2 }, { name: 'x' }, { name: 'z' }].map((options) =>
      pair.b.networker.protocol(options)
    )
    const same = pair.b.networker.protocol({ name: 'x', id })
    await pair.link()
    while (same.peers.size === 0) await turn()
    expect(others.map(({ peers }) => peers.size)).toEqual([0, 0, 0])
    expect(() => pair.b.networker.protocol({ name: 'x', id })).toThrow(/open already; close it first/)
  })

  it('survives what its handlers throw and what does not decode: a fault, or its onerror', async () => {
    await using pair = await two()
    const errors: unknown[] = []
    let got = () => {}
    const done = new Promise<void>((resolve) => {
      got = resolve
    })
    const throwing = new TypeError('a bug')
    pair.b.networker.protocol({
      name: 'x',
      messages: [
        { encoding: 'json' },
        {
          onmessage: () => {
            throw throwing
          }
        },
        { onmessage: got }
      ],
      onerror: (error) => errors.push(error)
    })
    const x = pair.a.networker.protocol({
      name: 'x',
      messages: [{ encoding: 'utf8' }, {}, { encoding: 'binary' }]
    })
    await pair.link()
    while (x.peers.size === 0) await turn()
    const peer = pair.a.peer()
    x.send(0, '{', peer)
    x.send(1, Buffer.from('b'), peer)
    x.send(2, Buffer.from('c'), peer)
    await done
    expect(errors).toEqual([expect.objectContaining({ code: 'MALFORMED_MESSAGE' }), throwing])
    expect(() => x.send(0, 1 as never, peer)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => x.send(3 as never, '' as never, peer)).toThrow(/no message 3/)
    expect([...pair.a.faults, ...pair.b.faults]).toEqual([])
  })

  it.each([
    [null, /options of a protocol/],
    [{}, /name of a protocol must be a string/],
    [{ name: 'x', id: 'id' }, /id of protocol 'x'/],
    [{ name: 'x', version: {} }, /version of protocol 'x'/],
    [{ name: 'x', messages: {} }, /messages of protocol 'x'/],
    [{ name: 'x', onopen: 1 }, /onopen must be a function/],
    [{ name: 'x', onOpen: () => {} }, /did you mean 'onopen'/],
    [{ name: 'x', messages: [{ onMessage: () => {} }] }, /did you mean 'onmessage'/]
  ])('refuses wrong options: %o', async (options, message) => {
    await using pair = await two()
    const protocol = pair.a.networker.protocol as (options: unknown) => unknown
    expect(() => protocol(options)).toThrow(message)
  })

  it('has typed messages', async () => {
    await using pair = await two()
    const protocol = pair.a.networker.protocol({
      name: 'typed',
      messages: [
        { encoding: 'utf8', onmessage: (text, peer) => expectTypeOf(text).toEqualTypeOf<string>() && peer },
        { onmessage: (bytes) => expectTypeOf(bytes).toEqualTypeOf<Uint8Array>() }
      ]
    })
    expectTypeOf(protocol.send<0>)
      .parameter(1)
      .toEqualTypeOf<string>()
    expect(protocol.name).toBe('typed')
  })
})

describe("the event 'stream'", () => {
  it('tells of each stream on both sides in the tick in which it arrives, before the peer is added', async () => {
    await using pair = await two()
    const seen: [NoiseStream, number][] = []
    for (const { networker } of [pair.a, pair.b]) {
      networker.on('stream', (stream) => seen.push([stream, networker.peers.size]))
    }
    const [ours, theirs] = await pair.link()
    expect(seen).toEqual([
      [ours, 0],
      [theirs, 0]
    ])
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
