import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { MemoryNetwork, type PartitionOptions } from '../src/index.js'
import { never, stop, topic } from './peers.js'
import {
  closing,
  dial,
  inVirtualNetwork,
  meet,
  sleep,
  texts,
  type VirtualNetworkContext
} from './virtual-network.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test(
  'drop, the default: both ends give up after 10 s, and dials time out until it is over',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    const ends = await connect(a, b)
    const undo = network.partition('a', 'b')
    const began = clock.now()
    expect(await Promise.all(ends.map((end) => closing(end, clock)))).toEqual([
      began + 10_000,
      began + 10_000
    ])
    expect(await dial(a, b, clock)).toEqual({ code: 'ETIMEDOUT', took: 10_000 })
    undo()
    expect((await dial(a, b, clock)).code).toBe('opened')
  })
)

test(
  'drop: when it is over in time, the frames that were sent meanwhile arrive in order',
  inVirtualNetwork(async ({ network, peer, connect }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    const read = texts(atB)
    {
      using _ = network.partition('a', 'b')
      for (const text of ['one', 'two']) atA.stream.write(Buffer.from(text))
      await sleep(9_000)
      expect(read).toEqual([])
    }
    await sleep(20_000)
    expect(read).toEqual(['one', 'two'])
    expect(atA.stream.destroyed).toBe(false)
  })
)

test(
  'drop in one direction: the other one works, and both ends give up, as without acknowledgements',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [a, b, ends] = await connected(peer, connect)
    const [readA, readB] = [texts(ends[0]), texts(ends[1])]
    const began = clock.now()
    network.partition('a', 'b', { oneWay: true })
    ends[0].stream.write(Buffer.from('from a'))
    ends[1].stream.write(Buffer.from('from b'))
    await sleep(1_000)
    expect([readA, readB]).toEqual([['from b'], []])
    expect(await Promise.all(ends.map((end) => closing(end, clock)))).toEqual([
      began + 10_000,
      began + 10_000
    ])
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      expect((await dial(from, to, clock)).code).toBe('ETIMEDOUT')
    }
  })
)

test(
  'hold: an hour later everything arrives in order, and no end gave up',
  inVirtualNetwork(async ({ network, peer, connect, events }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    const read = texts(atB)
    const undo = network.partition('a', 'b', { mode: 'hold' })
    const words = Array.from({ length: 60 }, (_, i) => `minute ${i}`)
    for (const word of words) {
      atA.stream.write(Buffer.from(word))
      await sleep(MINUTE)
    }
    expect(read).toEqual([])
    undo()
    await sleep(10)
    expect(read).toEqual(words)
    expect(events.filter(({ type }) => type === 'close')).toEqual([])
  })
)

test(
  'hold in one direction: only frames of that direction wait',
  inVirtualNetwork(async ({ network, peer, connect }) => {
    const [, , [atA, atB]] = await connected(peer, connect)
    const [readA, readB] = [texts(atA), texts(atB)]
    using _ = network.partition('a', 'b', { mode: 'hold', oneWay: true })
    atA.stream.write(Buffer.from('from a'))
    atB.stream.write(Buffer.from('from b'))
    await sleep(HOUR)
    expect([readA, readB]).toEqual([['from b'], []])
  })
)

test(
  'reset: open links break at once, and so do dials',
  inVirtualNetwork(async ({ network, peer, connect, clock, events }) => {
    const [a, b, ends] = await connected(peer, connect)
    const began = clock.now()
    using _ = network.partition('a', 'b', { mode: 'reset' })
    expect(await Promise.all(ends.map((end) => closing(end, clock)))).toEqual([began, began])
    expect(await dial(a, b, clock)).toEqual({ code: 'ECONNRESET', took: 0 })
    expect(events.filter(({ type }) => type === 'close')).toMatchObject([{ by: null }, { by: null }])
  })
)

test.each<PartitionOptions>([{ mode: 'drop' }, { mode: 'hold' }, { mode: 'reset' }])(
  '$mode: applies to hosts that come later, and not to others',
  (options) =>
    inVirtualNetwork(async ({ network, peer, connect, clock }) => {
      const [a, c] = [peer('a'), peer('c')]
      network.partition('a', /^b/, options)
      const [atA] = await connect(a, c)
      const b = peer('b')
      expect((await dial(b, c, clock)).code).toBe('opened')
      expect((await dial(a, b, clock)).code).not.toBe('opened')
      expect(atA.stream.destroyed).toBe(false)
    })()
)

test(
  'of two partitions the worse counts, and each has its own undo',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [, , ends] = await connected(peer, connect)
    const hold = network.partition('a', 'b', { mode: 'hold' })
    await sleep(HOUR)
    const drop = network.partition(/./, /./)
    await sleep(9_000)
    drop()
    await sleep(HOUR)
    expect(ends[0].stream.destroyed).toBe(false)
    hold()
    const read = texts(ends[1])
    ends[0].stream.write(Buffer.from('through'))
    await sleep(10)
    expect(read).toEqual(['through'])

    network.partition('a', 'b', { mode: 'hold' })
    const began = clock.now()
    network.partition('a', 'b', { mode: 'drop' })
    network.partition('a', 'b', { mode: 'hold' })
    expect(await closing(ends[0], clock)).toBe(began + 10_000)
  })
)

test(
  'heal ends all faults, and a later undo does nothing',
  inVirtualNetwork(async ({ network, peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    const undo = network.partition('a', 'b', { mode: 'reset' })
    network.partition('a', 'b', { mode: 'hold' })
    network.failDials('a', 'b', 'refused')
    network.heal()
    undo()
    expect((await dial(a, b, clock)).code).toBe('opened')
    const faults = events.filter(({ type }) => type === 'fault')
    expect(faults.map((event) => 'over' in event && [event.fault, event.over])).toEqual([
      ...[1, 2, 3].map((fault) => [fault, false]),
      ...[1, 2, 3].map((fault) => [fault, true])
    ])
  })
)

test(
  'two transports of one host see each other through any partition',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    peer('other')
    const host = network.host({ name: 'home' })
    const { transport } = peer('near')
    using _ = network.partition('home', () => true)
    const a = network.transport(host)
    const b = network.transport(host)
    const [one, two] = [new RecordingHost(), new RecordingHost()]
    a.start(one)
    b.start(two)
    expect((await dial({ host: one, transport: a }, { host: two, transport: b }, clock)).code).toBe('opened')
    await expect(transport.connect!(one.keyPair.publicKey, { signal: never })).rejects.toThrow()
    await stop({ host: one, transport: a }, { host: two, transport: b })
  })
)

test(
  'reset() breaks links that are open now, and no later ones',
  inVirtualNetwork(async ({ network, peer, connect, clock, events }) => {
    const [a, b, ends] = await connected(peer, connect)
    const [atC] = await connect(peer('c'), a)
    ends[0].stream.write(Buffer.from('lost'))
    const read = texts(ends[1])
    network.reset('a', 'b')
    await Promise.all(ends.map((end) => closing(end, clock)))
    expect(read).toEqual([])
    expect(atC.stream.destroyed).toBe(false)
    expect((await dial(a, b, clock)).code).toBe('opened')
    expect(events.filter(({ type }) => type === 'fault')).toMatchObject([
      { kind: 'reset', who: 'a <-> b', over: false }
    ])
    network.reset()
    await closing(atC, clock)
  })
)

test(
  'a shape applies to frames that are written from now on, in one direction or both, until its undo',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [, , [atA, atB]] = await connected(peer, connect)
    const took = async (from: typeof atA, to: typeof atA): Promise<number> => {
      const began = clock.now()
      from.stream.write(Buffer.from('x'))
      await new Promise((resolve) => to.stream.once('data', resolve))
      return clock.now() - began
    }
    const undo = network.shape('a', 'b', { latency: 500 }, { oneWay: true })
    expect([await took(atA, atB), await took(atB, atA)]).toEqual([500, 10])
    {
      using _ = network.shape('a', 'b', { latency: 900 })
      expect([await took(atA, atB), await took(atB, atA)]).toEqual([900, 900])
    }
    expect([await took(atA, atB), await took(atB, atA)]).toEqual([500, 10])
    undo()
    expect(await took(atA, atB)).toBe(10)
  })
)

test(
  'peers that a partition parted meet again by the next flush',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    const ends = await meet(a, b)
    {
      using _ = network.partition('a', 'b')
      await Promise.all(ends.map((end) => closing(end, clock)))
      await b.transport.flush(topic(), { signal: never })
      expect(b.host.connections).toHaveLength(1)
    }
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.connections).toHaveLength(2)
  })
)

test(
  'every verb refuses a name that no host has',
  inVirtualNetwork(async ({ network, peer }) => {
    peer('a')
    peer('b')
    const refusal = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("'c'")
    })
    const verbs = [
      () => network.partition('a', 'c'),
      () => network.shape('c', 'a', {}),
      () => network.failDials('a', ['b', 'c'], 'refused'),
      () => network.corrupt('a', 'c'),
      () => network.reset('c'),
      () => network.inFlight('a', 'c'),
      () => network.split(['a', 'c']),
      () => network.split('isolate', { host: 'c' }),
      () => network.kill('c'),
      () => network.pause(['a', 'c'])
    ]
    for (const verb of verbs) expect(verb).toThrow(refusal)
    expect(() => network.partition('a', undefined as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' })
    )
    expect(() => network.partition('a', 'b', { mode: 'dorp' as 'drop' })).toThrow(
      /mode must be one of drop, hold/
    )
    const elsewhere = new MemoryNetwork().host({ name: 'a' })
    expect(() => network.partition(elsewhere, 'b')).toThrow(/not one of this network/)
  })
)

async function connected(peer: VirtualNetworkContext['peer'], connect: VirtualNetworkContext['connect']) {
  const [a, b] = [peer('a'), peer('b')]
  return [a, b, await connect(a, b)] as const
}
