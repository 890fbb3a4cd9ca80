import { expect, test } from 'vitest'
import { Collector } from '../../src/picture/collector.js'
import { BUCKETS, LIMITS, NEVER, STATES } from '../../src/picture/data.js'
import { FaultBars } from '../../src/picture/faults.js'
import { Frames, share } from '../../src/picture/frames.js'
import { pack, unpack } from '../../src/picture/pack.js'
import type { TraceEvent } from '../../src/simulation/trace.js'
import { realTrace } from './real-trace.js'
import { report } from './reports.js'

function collect(events: Iterable<TraceEvent>, given = report({ virtualTime: 1_000 }), limits = LIMITS) {
  const collector = new Collector(given, limits)
  for (const event of events) collector.add(event)
  return collector.finish()
}

type PeerStep = Extract<TraceEvent, { type: 'peer' }>['what']

function frame(time: number, from: string, to: string, size = 10): TraceEvent {
  return { type: 'frame', time, link: 1, from, to, size, sent: time - 5 }
}

test('times are ticks: frames by the time since the one before and by how long they took', () => {
  const { frames, tick } = collect([frame(100, 'a', 'b', 7), frame(140, 'b', 'a', 9)])
  const ms = (column: Uint32Array) => Array.from(column, (ticks) => ticks * tick)
  expect(ms(frames.gap)).toEqual([100, 40])
  expect(ms(frames.latency)).toEqual([5, 5])
  expect([...frames.size]).toEqual([7, 9])
  expect([...frames.lane]).toEqual([0, 1])
})

test('a run of a year still has times, only coarser ones', () => {
  const year = 365 * 24 * 3_600_000
  const { frames, tick } = collect([frame(year / 2, 'a', 'b')], report({ virtualTime: year }))
  expect(frames.gap[0]! * tick).toBeCloseTo(year / 2, -2)
})

test('bytes and frames are counted by pair, direction and time, whoever dialled', () => {
  const events = [
    frame(1, 'a', 'b', 10),
    frame(2, 'a', 'b', 20),
    frame(3, 'b', 'a', 5),
    frame(999, 'a', 'b', 1)
  ]
  const { pairs, traffic, activity } = collect([
    { type: 'dial', time: 0, link: 1, from: 'b', to: 'a' },
    { type: 'dial', time: 0, link: 2, from: 'a', to: 'c' },
    ...events
  ])
  // b appears first, so it has the number 0 and is the first of the pair.
  expect([...pairs.bytes]).toEqual([5, 31, 0, 0])
  expect([...pairs.frames]).toEqual([1, 3, 0, 0])
  expect([...traffic.pair]).toEqual([0])
  expect(traffic.bytes[0]).toBe(5)
  expect(traffic.bytes[BUCKETS]).toBe(30)
  expect(traffic.bytes[2 * BUCKETS - 1]).toBe(1)
  expect([activity.bytes[0], activity.frames[0], activity.bytes[BUCKETS - 1]]).toEqual([35, 3, 1])
})

test('only the busiest pairs have bytes by time, and the picture says how many have none', () => {
  const events = [frame(1, 'a', 'b', 1), frame(2, 'c', 'd', 100), frame(3, 'e', 'f', 50)]
  const { traffic, leftOut } = collect(events, report(), { ...LIMITS, traffic: 2 })
  expect([...traffic.pair]).toEqual([1, 2])
  expect(leftOut.traffic).toBe(1)
})

test('when there are too many frames, each pair keeps its last ones, and a quiet pair keeps all', () => {
  const events = Array.from({ length: 50 }, (_, index) => frame(index + 1, 'a', 'b', index))
  events.push(frame(60, 'c', 'd', 1_000), frame(61, 'c', 'd', 1_001))
  const { frames, pairs, leftOut } = collect(events, report(), { ...LIMITS, frames: 10 })
  expect([...frames.size]).toEqual([42, 43, 44, 45, 46, 47, 48, 49, 1_000, 1_001])
  expect([...pairs.dropped]).toEqual([42, 0])
  expect(leftOut.frames).toBe(42)
  expect(pairs.frames[0]).toBe(50)
})

test('a frame that was lost is one of those that are drawn, and counts for its pair alone', () => {
  const { frames, pairs, activity } = collect([
    frame(100, 'a', 'b', 7),
    { type: 'lost', time: 200, link: 1, from: 'b', to: 'a', size: 9, sent: 150 }
  ])
  expect([[...frames.lost], [...frames.size], [...frames.lane]]).toEqual([
    [0, 1],
    [7, 9],
    [0, 1]
  ])
  expect([[...pairs.frames], [...pairs.bytes], [...pairs.lost]]).toEqual([[1, 0], [7, 0], [1]])
  expect(activity.frames.reduce((sum, count) => sum + count, 0)).toBe(1)
})

test('frames are left out while the trace is read, so that it need not fit into the memory', () => {
  const frames = new Frames(100)
  for (let time = 0; time < 10_000; time++)
    frames.add((time % 2) * 2, { time, sent: time, size: time, isLost: false })
  const { size } = frames.finish(1)
  expect([...size]).toEqual(Array.from({ length: 100 }, (_, index) => 9_900 + index))
  expect([...frames.dropped(2)]).toEqual([4_950, 4_950])
})

test.each([
  [[1, 2, 3], 6, Number.POSITIVE_INFINITY],
  [[1, 2, 3], 5, 2],
  [[10, 10], 5, 2],
  [[1, 100, 100], 11, 5],
  [[], 5, Number.POSITIVE_INFINITY]
])('of %j no more than %i are kept when each has at most %d', (counts, limit, most) => {
  expect(share(counts, limit)).toBe(most)
})

test('a link that was never taken has no time when it opened', () => {
  const { links, tick } = collect([
    { type: 'dial', time: 10, link: 7, from: 'a', to: 'b' },
    { type: 'accept', time: 20, link: 7 },
    { type: 'dial', time: 30, link: 9, from: 'a', to: 'c' },
    { type: 'close', time: 40, link: 9, by: null }
  ])
  expect(Array.from(links.opened, (time) => (time === NEVER ? time : time * tick))).toEqual([20, NEVER])
  expect(Array.from(links.closed, (time) => (time === NEVER ? time : time * tick))).toEqual([NEVER, 40])
})

function step(time: number, peer: string, what: PeerStep, chaos?: number): TraceEvent {
  return { type: 'peer', time, peer, what, ...(chaos !== undefined && { chaos }) }
}

test('a crash lasts until the peer runs again, a pause until it goes on or leaves', () => {
  const { states, faults } = collect([
    step(1, 'a', 'start'),
    step(2, 'b', 'start'),
    { type: 'fault', time: 100, fault: 1, kind: 'kill silent', who: 'a', over: false },
    step(100, 'a', 'crash'),
    step(200, 'b', 'pause'),
    step(300, 'a', 'restart'),
    step(400, 'b', 'leave')
  ])
  expect(faults).toEqual([
    { kind: 'crash', who: 'a', from: 100, to: 300 },
    { kind: 'pause', who: 'b', from: 200, to: 400 }
  ])
  expect(Array.from(states.state, (state) => STATES[state])).toEqual([
    'running',
    'running',
    'crashed',
    'paused',
    'running',
    'left'
  ])
})

test('a fault that nobody undoes is over at once: a reset, and a killed computer', () => {
  const fault = (time: number, fault: number, kind: string, who: string): TraceEvent => {
    return { type: 'fault', time, fault, kind, who, over: false }
  }
  const { faults } = collect([fault(100, 1, 'reset', 'a <-> b'), fault(200, 2, 'kill reset', 'a')])
  expect(faults).toEqual([
    { kind: 'reset', who: 'a <-> b', from: 100, to: 100 },
    { kind: 'kill reset', who: 'a', from: 200, to: 200 }
  ])
})

test('a link is closed when both of its ends have died, though no event tells', () => {
  const kill = (time: number, who: string): TraceEvent => {
    return { type: 'fault', time, fault: time, kind: 'kill silent', who, over: false }
  }
  const { links, tick } = collect([
    { type: 'dial', time: 10, link: 1, from: 'a', to: 'b' },
    { type: 'accept', time: 20, link: 1 },
    { type: 'dial', time: 30, link: 2, from: 'b', to: 'c' },
    { type: 'accept', time: 40, link: 2 },
    kill(100, 'a'),
    kill(200, 'b')
  ])
  expect(Array.from(links.closed, (time) => (time === NEVER ? time : time * tick))).toEqual([200, NEVER])
})

test('the two events of a pause are one bar', () => {
  const bars = new FaultBars()
  bars.begin('fault 1', { kind: 'pause', who: 'a', time: 100 })
  bars.begin('pause a', { kind: 'pause', who: 'a', time: 100 })
  bars.end('pause a', 200)
  bars.end('fault 1', 200)
  bars.begin('fault 2', { kind: 'pause', who: 'a', time: 300 })
  expect(bars.finish([], 1_000)).toEqual([
    { kind: 'pause', who: 'a', from: 100, to: 200 },
    { kind: 'pause', who: 'a', from: 300, to: 1_000 }
  ])
})

test('a fault that is never over lasts until the end', () => {
  const bars = new FaultBars()
  bars.begin('1', { kind: 'partition', who: 'a | b', time: 100 })
  bars.begin('2', { kind: 'shape', who: 'everybody', time: 200 })
  bars.end('1', 150)
  expect(bars.finish([], 1_000)).toEqual([
    { kind: 'partition', who: 'a | b', from: 100, to: 150 },
    { kind: 'shape', who: 'everybody', from: 200, to: 1_000 }
  ])
})

test('a planned fault has its number and one bar for all that it did; a fault that was left out has no bar', () => {
  const planned = [
    { id: 1, time: 100, duration: 200, kind: 'clogs', who: ['a', 'b'] },
    { id: 2, time: 400, duration: 100, kind: 'splits', who: [] },
    { id: 3, time: 600, duration: 50, kind: 'churn', who: ['c'] },
    { id: 4, time: 900, duration: 500, kind: 'pauses', who: ['c'] }
  ]
  const fault = (
    time: number,
    fault: number,
    kind: string,
    who: string,
    chaos: number,
    over = false
  ): TraceEvent => {
    return { type: 'fault', time, fault, kind, who, over, chaos }
  }
  const { faults } = collect(
    [
      fault(100, 1, 'partition', 'a <-> some', 1),
      fault(150, 2, 'partition', 'b <-> some', 1),
      fault(250, 1, 'partition', 'a <-> some', 1, true),
      fault(300, 2, 'partition', 'b <-> some', 1, true),
      fault(400, 3, 'split', 'a, b | c', 2),
      fault(500, 3, 'split', 'a, b | c', 2, true),
      step(600, 'c', 'leave', 3),
      step(650, 'c', 'restart'),
      step(950, 'c', 'leave')
    ],
    report({ virtualTime: 1_000, faults: planned })
  )
  expect(faults).toEqual([
    { id: 1, kind: 'clogs', who: 'a, b', from: 100, to: 300 },
    { id: 2, kind: 'splits', who: 'a, b | c', from: 400, to: 500 },
    { id: 3, kind: 'churn', who: 'c', from: 600, to: 650 }
  ])
})

test('blocks are those at the end of each part of the time', () => {
  const has = (time: number, blocks: number): TraceEvent => {
    return { type: 'blocks', time, peer: 'a', core: 'x', blocks, length: 9 }
  }
  const { blocks, leftOut } = collect([has(1, 1), has(2, 3), has(500, 8), has(600, 9)], undefined, {
    ...LIMITS,
    blocks: 2
  })
  expect([...blocks.bucket]).toEqual([0, BUCKETS / 2])
  expect([...blocks.blocks]).toEqual([3, 8])
  expect(leftOut.blocks).toBe(1)
})

test('what comes after the end is shown at the end', () => {
  const { frames, tick, marks } = collect([
    frame(2_000, 'a', 'b'),
    { type: 'note', time: 2_000, text: 'late' }
  ])
  expect(frames.gap[0]! * tick).toBe(1_000)
  expect(marks).toEqual([{ time: 1_000, kind: 'note', text: 'late' }])
})

test('unpacking returns the packed value, with text and all bits of numbers', () => {
  const value = {
    text: 'ä €',
    none: [],
    bytes: Uint8Array.of(1, 2, 3),
    more: [Uint32Array.of(NEVER), { deep: Float64Array.of(0.1, -1e300) }],
    empty: new Uint32Array(0)
  }
  expect(unpack(pack(value).buffer as ArrayBuffer)).toEqual(value)
})

test('a trace of the memory network has its peers, its link, its partition and its frames', async () => {
  const { report: of, events } = await realTrace()
  const data = collect(events as TraceEvent[], of)
  expect([...data.peers].sort()).toEqual(['alice', 'bob'])
  expect(data.links.opened.some((time) => time !== NEVER)).toBe(true)
  expect(data.faults).toHaveLength(1)
  expect(data.faults[0]!.to - data.faults[0]!.from).toBe(500)
  const greeting = data.frames.size.findIndex((size) => size > 1_000)
  expect(data.frames.latency[greeting]! * data.tick).toBe(500)
  expect(data.pairs.frames.reduce((sum, count) => sum + count, 0)).toBe(of.frames)
})
