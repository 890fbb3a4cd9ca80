import { secure } from '@basestore/networker/transport'
import { expect, test } from 'vitest'
import type { Distribution } from '../src/distribution.js'
import { Host, type HostOptions } from '../src/host.js'
import type { LinkShape } from '../src/links/shape.js'
import { VirtualClock } from '../src/time/virtual-clock.js'
import { BareLink, type End, pour, transfer } from './bare-link.js'
import { keyPair } from './peers.js'

const MB = 1_000_000

/** The speed of a transfer (bytes a second), with the latency of the last frame. */
async function speed(shape: LinkShape, bytes: number, size?: number): Promise<number> {
  const clock = new VirtualClock()
  const link = new BareLink({ clock, shape })
  await clock.run(() => transfer(link.a, link.b, bytes, size))
  return (bytes / clock.now()) * 1000
}

/** A host with several links to other hosts, in one virtual time. */
function star(count: number, options: { up?: number; down?: number }, shape: LinkShape = { latency: 20 }) {
  const clock = new VirtualClock()
  const hub = new Host('hub', options)
  const links = Array.from({ length: count }, (_, i) => {
    const other = new Host(`other ${i}`)
    const [from, to] = options.up ? [hub, other] : [other, hub]
    return new BareLink({ clock, shape, from, to, rank: 2 * i })
  })
  return { clock, links }
}

/** Writes as much as each link takes, for so many virtual milliseconds. Returns the bytes that each has carried. */
async function carried(clock: VirtualClock, links: readonly BareLink[], ms: number): Promise<number[]> {
  const read = links.map(() => 0)
  await clock.run(async () => {
    for (const [i, link] of links.entries()) {
      link.b.on('data', (frame: Buffer) => {
        read[i]! += frame.byteLength
      })
      pour(link.a, Number.POSITIVE_INFINITY)
    }
    await new Promise((resolve) => setTimeout(resolve, ms))
  })
  return read
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

test.each([
  ['100 ms', { latency: 100 }, undefined],
  ['100 ms, in slices', { latency: 100, slice: 1448 }, undefined],
  ['100 ms, in frames of 1 MB', { latency: 100 }, MB],
  ['100 ms, with a queue of one frame', { latency: 100, queue: 16_384 }, undefined],
  ['no latency', { latency: 0 }, undefined],
  ['a tenth of a second, more or less', { latency: { normal: { mean: 100, deviation: 20 } } }, undefined],
  ['a latency with a long tail', { latency: { exponential: { floor: 20, mean: 20 } } }, undefined]
] as [string, { latency: Distribution }, number | undefined][])(
  '10 MB/s are 10 MB/s at %s',
  async (_, shape, size) => {
    const reached = await speed({ ...shape, bandwidth: 10 * MB }, 50 * MB, size)
    expect(reached).toBeGreaterThanOrEqual(9.5 * MB)
    expect(reached).toBeLessThanOrEqual(10 * MB)
  }
)

test('without a bandwidth, latency does not make a link slower than 1 Gbit/s', async () => {
  expect(await speed({ latency: 50 }, 100 * MB)).toBeGreaterThan(100 * MB)
})

test('10 MB/s are 10 MB/s under Noise too', async () => {
  const clock = new VirtualClock()
  const link = new BareLink({ clock, shape: { latency: 100, bandwidth: 10 * MB } })
  const took = await clock.run(async () => {
    const [a, b] = await Promise.all([
      secure(link.a, { keyPair: keyPair(), isInitiator: true }),
      secure(link.b, { keyPair: keyPair(), isInitiator: false })
    ])
    const start = clock.now()
    await transfer(a as unknown as End, b as unknown as End, 20 * MB)
    return clock.now() - start
  })
  expect((20 * MB * 1000) / took).toBeGreaterThanOrEqual(9.4 * MB)
  expect((20 * MB * 1000) / took).toBeLessThanOrEqual(10 * MB)
})

test.each([['up'], ['down']] as const)('two links share what a host has %s', async (line) => {
  const { clock, links } = star(2, { [line]: 5 * MB })
  const read = await carried(clock, links, 10_000)
  expect(sum(read)).toBeGreaterThanOrEqual(4.9 * 10 * MB)
  expect(sum(read)).toBeLessThanOrEqual(5 * 10 * MB)
  for (const bytes of read) expect(Math.abs(bytes - 25 * MB)).toBeLessThan(MB)
})

test.each([['up'], ['down']] as const)(
  'ten links share what a host has %s, and none starves',
  async (line) => {
    const { clock, links } = star(10, { [line]: 5 * MB })
    const read = await carried(clock, links, 20_000)
    expect(sum(read)).toBeGreaterThanOrEqual(4.9 * 20 * MB)
    for (const bytes of read) expect(Math.abs(bytes - 10 * MB)).toBeLessThan(MB)
  }
)

test('a link of its own bandwidth leaves the rest of the host’s line to others', async () => {
  const clock = new VirtualClock()
  const hub = new Host('hub', { up: 5 * MB })
  const slow = new BareLink({ clock, from: hub, shape: { latency: 20, bandwidth: MB } })
  const fast = new BareLink({ clock, from: hub, shape: { latency: 20 }, rank: 2 })
  const read = await carried(clock, [slow, fast], 10_000)
  expect(Math.abs(read[0]! - 10 * MB)).toBeLessThan(MB)
  expect(Math.abs(read[1]! - 40 * MB)).toBeLessThan(2 * MB)
})

test('joined frames pass the line of the host that they reach', async () => {
  const { clock, links } = star(1, { down: MB }, { latency: 20, coalesce: 50 })
  const read = await carried(clock, links, 10_000)
  expect(read[0]!).toBeGreaterThan(9 * MB)
  expect(read[0]!).toBeLessThanOrEqual(10 * MB)
})

test('the buffer of a link is bounded by its queue and by its latency', async () => {
  const bandwidth = MB
  for (const queue of [0, 100_000, 400_000]) {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape: { latency: 10, bandwidth, queue } })
    let [read, most] = [0, 0]
    link.b.on('data', (frame: Buffer) => {
      read += frame.byteLength
    })
    await clock.run(async () => {
      const progress = pour(link.a, Number.POSITIVE_INFINITY, 1000)
      for (let i = 0; i < 3000; i++) {
        await after(1)
        most = Math.max(most, progress.sent - read)
      }
    })
    const way = (bandwidth / 1000) * 10
    const streams = 2 * 16_384 // one batch that is sent, and one that waits
    expect(read).toBeGreaterThan(2.9 * MB)
    expect(most).toBeGreaterThan(queue)
    expect(most).toBeLessThanOrEqual(queue + way + streams + 2000)
  }
})

test.each([
  ['with bandwidth', { latency: 20, bandwidth: 10 * MB }, 10_000 * 20 + 65_536],
  ['of latency only', { latency: 2 }, 125_000 * 2 + 65_536],
  ['that is perfect', {}, 0]
] as [string, LinkShape, number][])(
  'on a link %s a paused reader stops the writer, and a slow reader gets all',
  async (_, shape, way) => {
    const clock = new VirtualClock()
    const link = new BareLink({ clock, shape })
    let read = 0
    link.b.on('data', (frame: Buffer) => {
      read += frame.byteLength
      link.b.pause()
    })
    const progress = await clock.run(async () => {
      const started = pour(link.a, 4 * MB, 1000)
      await after(10_000)
      return started
    })
    expect(read).toBe(1000)
    expect(progress.sent).toBeLessThanOrEqual(way + 4 * 16_384)

    await clock.run(async () => {
      const timer = setInterval(() => link.b.resume(), 1)
      while (read < 4 * MB) await after(100)
      clearInterval(timer)
    })
    expect([read, progress.sent]).toEqual([4 * MB, 4 * MB])
  }
)

test('a link on which nothing gets through stops its writer until frames get through again', async () => {
  const clock = new VirtualClock()
  const link = new BareLink({ clock, shape: { latency: 20, bandwidth: 10 * MB } })
  link.there.held = true
  let read = 0
  link.b.on('data', (frame: Buffer) => {
    read += frame.byteLength
  })
  const progress = await clock.run(async () => {
    const started = pour(link.a, 20 * MB)
    await after(60_000)
    return started
  })
  expect(read).toBe(0)
  expect(progress.sent).toBeLessThan(MB)
  await clock.run(async () => {
    link.there.held = false
    await after(2500)
  })
  expect(read).toBe(progress.sent)
  expect(read).toBeGreaterThanOrEqual(20 * MB)
})

test.each(['writer', 'reader'] as const)(
  'a writer that waits for room closes when the %s is destroyed, and nothing is left on the clock',
  async (who) => {
    const cases: [LinkShape, HostOptions][] = [
      [{ bandwidth: 1000, queue: 100 }, {}],
      [{ latency: 1000 }, {}],
      [{}, { up: 1000 }],
      [{}, { down: 1000 }]
    ]
    for (const [shape, host] of cases) {
      const clock = new VirtualClock()
      const [from, to] = [new Host('a', host), new Host('b', host)]
      const link = new BareLink({ clock, shape, from, to })
      const closed: string[] = []
      link.a.on('close', () => closed.push('writer'))
      link.b.on('close', () => closed.push('reader'))
      await clock.run(async () => {
        pour(link.a, 100 * MB)
        await after(50)
        if (who === 'writer') link.a.destroy()
        else link.b.destroy()
        await after(10_000_000)
      })
      expect(closed.sort()).toEqual(['reader', 'writer'])
      expect(clock.pending).toBe(0)
    }
  }
)
