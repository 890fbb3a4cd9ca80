import { expect, test } from 'vitest'
import type { Judgement } from '../src/faults/rule.js'
import type { Flight } from '../src/links/flight.js'
import { toFullShape } from '../src/links/shape.js'
import { VirtualClock } from '../src/time/virtual-clock.js'
import { arrivals, BareLink, type BareLinkOptions, type End, pour } from './bare-link.js'

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A link in virtual time. `seen` has the frames that B reads, each with its time. */
async function withLink(
  options: BareLinkOptions,
  run: (link: BareLink, seen: [string, number][]) => Promise<void>
): Promise<void> {
  const clock = new VirtualClock()
  const link = new BareLink({ clock, ...options })
  await clock.run(() => run(link, arrivals(link, link.b)))
}

async function write(end: End, ...words: string[]): Promise<void> {
  for (const word of words) end.write(Buffer.from(word))
  await Promise.resolve() // a stream opens, and passes frames on, in microtasks
  await after(1)
}

/** Judges frames by their text. */
function rules(verdicts: Record<string, Judgement>) {
  return (frame: Uint8Array) => verdicts[Buffer.from(frame).toString()] ?? 'pass'
}

const words = ({ there }: BareLink) => there.flights.map(({ frame }) => String(frame))

test('a rule drops a frame, delays one, which keeps its place, and turns one bit of another', () =>
  withLink(
    { shape: { latency: 10 }, judge: rules({ drop: 'drop', late: { delay: 20 }, bad: 'corrupt' }) },
    async (link, seen) => {
      await write(link.a, 'a', 'drop', 'late', 'b', 'bad')
      await after(50)
      expect(seen.slice(0, 3)).toEqual([
        ['a', 10],
        ['late', 30],
        ['b', 30]
      ])
      const [got, sent] = [Buffer.from(seen[3]![0], 'latin1'), Buffer.from('bad')]
      expect(got.length).toBe(3)
      const bits = [...got].map((byte, i) => (byte ^ sent[i]!).toString(2).replaceAll('0', '')).join('')
      expect(bits).toBe('1')
    }
  ))

test('on a link without latency a delayed frame keeps its place, and frames that are written later come at once', () =>
  withLink({ judge: rules({ late: { delay: 20 } }) }, async (link, seen) => {
    await write(link.a, 'a', 'late', 'b')
    await after(49)
    await write(link.a, 'c')
    expect(seen).toEqual([
      ['a', 0],
      ['late', 20],
      ['b', 20],
      ['c', 50]
    ])
  }))

test('a link that becomes slow, and fast again, delivers in order', () =>
  withLink({}, async (link, seen) => {
    await write(link.a, 'a')
    link.there.shape = toFullShape({ latency: 10 })
    await write(link.a, 'b')
    link.there.shape = toFullShape({})
    await write(link.a, 'c')
    await after(17)
    await write(link.a, 'd')
    expect(seen).toEqual([
      ['a', 0],
      ['b', 11],
      ['c', 11],
      ['d', 20]
    ])
  }))

test('a frame that a rule holds keeps back the frames after it, until that rule lets go', () => {
  const [rule, other] = [{}, {}]
  return withLink({ judge: rules({ held: { hold: rule } }) }, async (link, seen) => {
    await write(link.a, 'a', 'held', 'b')
    await after(99)
    link.there.release(other)
    await after(100)
    expect(seen.map(([word]) => word)).toEqual(['a'])
    link.there.release(rule)
    await after(1)
    expect(seen.slice(1)).toEqual([
      ['held', 200],
      ['b', 200]
    ])
  })
})

test('a frame that a rule delays for ever waits, and time does not run away', () =>
  withLink({ judge: rules({ lost: { delay: Number.POSITIVE_INFINITY } }) }, async (link, seen) => {
    await write(link.a, 'lost', 'b')
    await after(1000)
    expect([seen, link.clock.now()]).toEqual([[], 1001])
    link.there.deliver(link.there.flights[1]!)
    await after(1)
    expect(seen.map(([word]) => word)).toEqual(['lost', 'b'])
  }))

test('when a rule breaks a link, all frames on their way are lost, and none arrives later', () =>
  withLink(
    { shape: { latency: 10 }, judge: (frame) => (frame[0] === 0x72 ? 'reset' : 'pass') },
    async (link, seen) => {
      const delivered: Flight[] = []
      link.delivered = (_, flight) => delivered.push(flight)
      await write(link.a, 'a', 'reset', 'b', 'c')
      await after(100)
      expect([seen, delivered, link.there.flights]).toEqual([[], [], []])
      expect([link.a.destroyed, link.b.destroyed]).toEqual([true, true])
    }
  ))

test('a link that is broken with a delivery scheduled for now delivers nothing', () =>
  withLink({}, async (link, seen) => {
    await after(1)
    link.a.write(Buffer.from('a'))
    while (link.there.flights.length === 0) await Promise.resolve()
    link.reset()
    await after(1)
    expect(seen).toEqual([])
    expect(link.there.flights).toEqual([])
  }))

test('while a direction is held nothing arrives, and afterwards all that was due, at once and in order', () =>
  withLink({ shape: { latency: 10 } }, async (link, seen) => {
    link.there.held = true
    await write(link.a, 'a', 'b')
    setTimeout(() => link.a.write(Buffer.from('c')), 94)
    await after(99)
    expect(seen).toEqual([])
    link.there.held = false
    await after(10)
    expect(seen).toEqual([
      ['a', 100],
      ['b', 100],
      ['c', 105]
    ])
  }))

test('deliver() delivers a frame with those before it, and not those after it', () =>
  withLink({ shape: { latency: 10, coalesce: 5 } }, async (link, seen) => {
    link.there.held = true
    await write(link.a, 'a', 'b', 'c', 'd')
    await after(50)
    expect(words(link)).toEqual(['a', 'b', 'c', 'd'])
    const b = link.there.flights[1]!
    link.there.deliver(b)
    await after(1)
    expect(seen).toEqual([
      ['a', 51],
      ['b', 51]
    ])
    link.there.deliver(b)
    await after(1)
    expect(words(link)).toEqual(['c', 'd'])
    link.there.held = false
    await after(1)
    expect(seen.slice(2)).toEqual([['cd', 53]])
  }))

test('drop() loses a frame, and the frame after it arrives when it is due', () =>
  withLink({ shape: { latency: 10 } }, async (link, seen) => {
    await write(link.a, 'a', 'b')
    const [a] = link.there.flights
    link.there.drop(a!)
    link.there.drop(a!)
    await after(20)
    expect(seen).toEqual([['b', 10]])
  }))

test.each([
  ['is taken out', (link: BareLink) => link.there.drop(link.there.flights[0]!)],
  ['is delivered by hand', (link: BareLink) => link.there.deliver(link.there.flights[0]!)],
  ['gets through', (link: BareLink) => (link.there.held = false)]
])('a writer goes on when what it waits for %s', (_, act) =>
  withLink({}, async (link) => {
    link.there.held = true
    const progress = pour(link.a, 1_000_000)
    await after(1)
    const stopped = progress.sent
    await after(100)
    expect(progress.sent).toBe(stopped)
    act(link)
    await after(1)
    expect(progress.sent).toBeGreaterThan(stopped)
  })
)

test('a writer goes on when the queue becomes longer', () =>
  withLink({ shape: { bandwidth: 1000, queue: 0 } }, async (link) => {
    const progress = pour(link.a, 1_000_000)
    await after(1)
    const stopped = progress.sent
    await after(1)
    expect(progress.sent).toBe(stopped)
    link.there.shape = toFullShape({ bandwidth: 1000, queue: 1_000_000 })
    await after(1)
    expect(progress.sent).toBeGreaterThan(stopped)
  }))

test('a listener can break the link when it is told of a frame, and the frames after it are lost', () =>
  withLink({ shape: { latency: 10, coalesce: 5 } }, async (link, seen) => {
    const told: string[] = []
    link.delivered = (_, { frame }) => {
      told.push(String(frame))
      link.reset()
    }
    await write(link.a, 'a', 'b', 'c')
    await after(50)
    expect(told).toEqual(['a'])
    expect(seen).toEqual([])
  }))

test('frames that arrive at one time come by rank, not by the order in which they were written', async () => {
  const clock = new VirtualClock()
  const order: number[] = []
  const links = [0, 1, 2].map((i) => {
    const link = new BareLink({ clock, rank: 2 * i, shape: { latency: 10 } })
    link.b.on('data', () => order.push(i))
    return link
  })
  await clock.run(async () => {
    await after(1)
    for (const i of [2, 0, 1]) links[i]!.a.write(Buffer.from('x'))
    await after(20)
  })
  expect(order).toEqual([0, 1, 2])
})
