import { describe, expect, test } from 'vitest'
import type { Distribution } from '../src/distribution.js'
import { type LinkShape, toFullShape } from '../src/links/shape.js'
import { VirtualClock } from '../src/time/virtual-clock.js'
import { arrivals, BareLink, type End } from './bare-link.js'

const ROUNDS = 2000

/** The times of round trips of one small frame, one after the other. */
async function roundTrips(link: BareLink, clock: VirtualClock): Promise<number[]> {
  const times: number[] = []
  await clock.run(
    () =>
      new Promise<void>((resolve) => {
        let start = clock.now()
        link.b.on('data', (frame: Buffer) => link.b.write(frame))
        link.a.on('data', (frame: Buffer) => {
          times.push(clock.now() - start)
          if (times.length === ROUNDS) return resolve()
          start = clock.now()
          link.a.write(frame)
        })
        link.a.write(Buffer.from('ping'))
      })
  )
  return times
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

/** Runs a function in virtual time until nothing happens any more. */
async function toTheEnd(clock: VirtualClock, run: () => void): Promise<void> {
  await clock.run(async () => {
    run()
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  })
}

function write(end: End, ...words: string[]): void {
  for (const word of words) end.write(Buffer.from(word))
}

describe('latency', () => {
  const kinds: [string, Distribution, mean: number, deviation: number | undefined][] = [
    ['a number', 25, 50, 0],
    ['uniform', { uniform: [10, 50] }, 60, 40 / Math.sqrt(6)],
    ['normal', { normal: { mean: 80, deviation: 10 } }, 160, 10 * Math.SQRT2],
    ['exponential', { exponential: { floor: 20, mean: 15 } }, 70, undefined],
    ['samples', { samples: [12, 20, 40, 90] }, 81, undefined]
  ]

  test.each(kinds)('that is %s gives round trips as the model says', async (_, latency, expected, spread) => {
    const clock = new VirtualClock()
    const times = await roundTrips(new BareLink({ clock, shape: { latency } }), clock)
    expect(Math.abs(mean(times) - expected)).toBeLessThanOrEqual(0.05 * expected)
    if (spread !== undefined) {
      expect(Math.abs(deviation(times) - spread)).toBeLessThanOrEqual(0.1 * spread + 1e-6)
    }
  })

  test('of samples is one of them each time', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: { samples: [7, 11] } }, back: {} })
    const times = await roundTrips(link, clock)
    expect([...new Set(times.map((time) => Math.round(time * 1e6) / 1e6))].sort()).toEqual([11, 7])
  })

  test('can differ by direction', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: 30 }, back: { latency: 70 } })
    const [there, back] = [arrivals(link, link.b), arrivals(link, link.a)]
    await toTheEnd(clock, () => {
      write(link.a, 'there')
      write(link.b, 'back')
    })
    expect([there, back]).toEqual([[['there', 30]], [['back', 70]]])
  })

  test('that is drawn lets no frame overtake another, nor an end or a close the frames before it', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: { exponential: { floor: 0, mean: 50 } } } })
    const words = Array.from({ length: 500 }, (_, i) => `frame ${i}`)
    const seen = arrivals(link, link.b)
    const order: string[] = []
    link.b.on('end', () => order.push(`end after ${seen.length}`))
    link.b.on('close', () => order.push(`close after ${seen.length}`))
    await toTheEnd(clock, () => {
      for (const [i, word] of words.entries()) setTimeout(write, i, link.a, word)
      setTimeout(() => link.a.end(), 500)
      setTimeout(() => link.a.destroy(), 501)
    })
    expect(seen.map(([word]) => word)).toEqual(words)
    const times = seen.map(([, time]) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(order).toEqual(['end after 500', 'close after 500'])
  })

  test('that grows shorter while frames are under way lets none overtake those', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: 100 } })
    const seen = arrivals(link, link.b)
    await toTheEnd(clock, () => {
      write(link.a, 'slow')
      setTimeout(() => {
        link.there.shape = toFullShape({ latency: 1 })
        write(link.a, 'fast')
      }, 10)
      setTimeout(write, 200, link.a, 'later')
    })
    expect(seen).toEqual([
      ['slow', 100],
      ['fast', 100],
      ['later', 201]
    ])
  })
})

describe('slice', () => {
  test('cuts a frame into pieces that arrive in order', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: 5, slice: 1448 } })
    const frame = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i))
    const pieces: Buffer[] = []
    link.b.on('data', (piece: Buffer) => pieces.push(piece))
    await toTheEnd(clock, () => link.a.write(frame))
    expect(pieces.map(({ byteLength }) => byteLength)).toEqual([1448, 1448, 1448, 1448, 1448, 1448, 1312])
    expect(Buffer.concat(pieces).equals(frame)).toBe(true)
  })

  test('lets the pieces arrive one after the other, as the bandwidth has it', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: 5, slice: 4, bandwidth: 1000 } })
    const seen = arrivals(link, link.b)
    await toTheEnd(clock, () => write(link.a, 'onetwo', 'six'))
    expect(seen).toEqual([
      ['onet', 9],
      ['wo', 11],
      ['six', 14]
    ])
  })
})

describe('coalesce', () => {
  const at = (link: BareLink, ms: number, word: string) => setTimeout(write, ms, link.a, word)

  test('joins what arrives within its time of a frame', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: 100, coalesce: 10 } })
    const seen = arrivals(link, link.b)
    await toTheEnd(clock, () => {
      for (const [ms, word] of [
        [1, 'a'],
        [5, 'b'],
        [11, 'c'],
        [12, 'd'],
        [40, 'e']
      ] as const) {
        at(link, ms, word)
      }
    })
    expect(seen).toEqual([
      ['abc', 111],
      ['d', 122],
      ['e', 150]
    ])
  })

  test('joins nothing across an end, which comes after what was joined', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { coalesce: 10 } })
    const seen = arrivals(link, link.b)
    link.b.on('end', () => seen.push(['end', clock.now()]))
    link.b.on('close', () => seen.push(['close', clock.now()]))
    await toTheEnd(clock, () => {
      at(link, 1, 'a')
      at(link, 2, 'b')
      setTimeout(() => link.a.end(), 3)
      setTimeout(() => link.a.destroy(), 4)
    })
    expect(seen).toEqual([
      ['ab', 11],
      ['end', 11],
      ['close', 11]
    ])
  })

  test('makes no piece longer than a slice', async () => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { coalesce: 10, slice: 5 } })
    const seen = arrivals(link, link.b)
    await toTheEnd(clock, () => write(link.a, 'abc', 'de', 'fgh', 'ijklmnopq'))
    expect(seen.map(([word]) => word)).toEqual(['abcde', 'fgh', 'ijklm', 'nopq'])
  })
})

test.each([
  [{ latency: -1 }, 'latency must be milliseconds of at least 0'],
  [{ bandwidth: 0 }, 'bandwidth must be bytes a second above 0, got 0'],
  [{ bandwidth: Number.NaN }, 'bandwidth must be bytes a second above 0, got NaN'],
  [{ queue: -1 }, 'queue must be bytes of at least 0, got -1'],
  [{ slice: 0 }, 'slice must be bytes of at least 1, got 0'],
  [{ coalesce: -2 }, 'coalesce must be milliseconds of at least 0, got -2'],
  [{ coalesce: Number.POSITIVE_INFINITY }, 'coalesce must be milliseconds of at least 0, got Infinity']
] as [LinkShape, string][])('%j is refused', (shape, message) => {
  expect(() => toFullShape(shape)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
  )
})
