import { expect, test } from 'vitest'
import { Collector } from '../../src/picture/collector.js'
import { BUCKETS } from '../../src/picture/data.js'
import { formatBytes, formatTick, formatTime } from '../../src/picture/page/format.js'
import { layout } from '../../src/picture/page/layout.js'
import { framesBetween, Run } from '../../src/picture/page/run.js'
import { completeAt, share, spreadOf } from '../../src/picture/page/spread.js'
import type { TraceEvent } from '../../src/simulation/trace.js'
import { fivePeers, NAMES } from './five-peers.js'
import { report } from './reports.js'

function run(events: Iterable<TraceEvent>, virtualTime = 1_000): Run {
  const collector = new Collector(report({ virtualTime }))
  for (const event of events) collector.add(event)
  return new Run(collector.finish())
}

const five = run(fivePeers().events as TraceEvent[], 60_000)
const place = (name: string) => five.data.peers.indexOf(name)

test('each peer has the state of its last step; before its first it waits', () => {
  const states = (time: number) => {
    const all = five.states(time)
    return NAMES.map((name) => all[place(name)])
  }
  expect(states(100)).toEqual(['running', 'waiting', 'waiting', 'waiting', 'waiting'])
  expect(states(13_000)).toEqual(['running', 'running', 'running', 'crashed', 'running'])
  expect(states(41_000)).toEqual(['running', 'running', 'paused', 'running', 'running'])
  expect(states(51_000)).toEqual(['running', 'running', 'running', 'running', 'left'])
})

test('a peer without a state in the trace counts as running', () => {
  const { states } = { states: run([{ type: 'dial', time: 1, link: 1, from: 'a', to: 'b' }]).states(0) }
  expect(states).toEqual(['running', 'running'])
})

test('the links that are open are those taken and not closed yet', () => {
  expect(five.openLinks(500)).toHaveLength(0)
  expect(five.openLinks(5_000)).toHaveLength(10)
  expect(five.openLinks(13_000)).toHaveLength(6)
  expect(five.openLinks(17_000)).toHaveLength(10)
  expect(five.openLinks(59_800)).toHaveLength(0)
})

test('the peers of each networker are counted', () => {
  expect([...five.connected(5_000)]).toEqual([4, 4, 4, 4, 4])
  expect(five.connected(13_000)[place('dave')]).toBe(0)
})

test('the frames of a pair are its own, in order, with their direction and times', () => {
  const pair = run([
    { type: 'frame', time: 100, link: 1, from: 'a', to: 'b', size: 1, sent: 40 },
    { type: 'frame', time: 110, link: 2, from: 'c', to: 'a', size: 2, sent: 90 },
    { type: 'frame', time: 120, link: 1, from: 'b', to: 'a', size: 3, sent: 115 },
    { type: 'frame', time: 300, link: 1, from: 'a', to: 'b', size: 4, sent: 250 }
  ])
  expect(pair.pair(1, 0)).toBe(pair.pair(0, 1))
  expect(pair.pair(1, 2)).toBeUndefined()
  const frames = pair.frames(pair.pair(0, 1)!)
  expect([...frames.size]).toEqual([1, 3, 4])
  expect([...frames.back]).toEqual([0, 1, 0])
  expect(frames.slowest).toBeCloseTo(60)
  expect(framesBetween(frames, 50, 60)).toEqual([0])
  expect(framesBetween(frames, 101, 119)).toEqual([1])
  expect(framesBetween(frames, 130, 240)).toEqual([])
})

test('blocks spread: each has a share of the longest that anybody knows of', () => {
  const has = (time: number, peer: string, core: string, blocks: number, length: number): TraceEvent => {
    return { type: 'blocks', time, peer, core, blocks, length }
  }
  const { data } = run([
    has(0, 'a', 'x', 4, 4),
    has(500, 'b', 'x', 1, 4),
    has(600, 'a', 'y', 4, 4),
    has(700, 'b', 'x', 4, 4),
    has(800, 'b', 'y', 2, 4)
  ])
  const all = spreadOf(data, -1)
  const at = (time: number) => Math.floor((time / 1_000) * BUCKETS)
  expect([share(all, 0, 0), share(all, 1, 0)]).toEqual([1, 0])
  expect([share(all, 0, at(650)), share(all, 1, at(650))]).toEqual([1, 1 / 8])
  expect(share(all, 1, BUCKETS - 1)).toBe(6 / 8)
  const first = spreadOf(data, 0)
  expect(completeAt(first, 0)).toBe(0)
  expect(completeAt(first, 1)).toBe(at(700))
  expect(completeAt(all, 1)).toBe(Number.POSITIVE_INFINITY)
})

test('peers have the same places on every load, all of them within the square', () => {
  const once = layout(five.data)
  expect(layout(five.data)).toEqual(once)
  expect(new Set(once.map(({ x, y }) => `${x} ${y}`)).size).toBe(NAMES.length)
  for (const { x, y } of once) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(1)
})

test('times and bytes read well', () => {
  expect([0.5, 12.3, 345.67, 12_345.6, 83_004.5, 7_384_567].map(formatTime)).toEqual([
    '0.500 ms',
    '12.300 ms',
    '345.7 ms',
    '12.346 s',
    '1:23.005',
    '2:03:04.567'
  ])
  // They are rounded up to the next minute, and not to a minute with 60 seconds.
  expect([59_999.9, 119_999.9, 3_599_999.9].map(formatTime)).toEqual(['1:00.000', '2:00.000', '1:00:00.000'])
  expect([
    formatTick(30_000, 5_000),
    formatTick(30_500, 500),
    formatTick(1.5, 0.5),
    formatTick(90_000, 30_000)
  ]).toEqual(['30 s', '30.5 s', '1.5 ms', '1:30'])
  expect([0, 1_023, 1_024, 1_536, 10 * 2 ** 20, 3 * 2 ** 50].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.00 KiB',
    '1.50 KiB',
    '10.0 MiB',
    '3072.0 TiB'
  ])
})
