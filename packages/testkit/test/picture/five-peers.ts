import type { PictureSource } from '../../src/picture/picture.js'
import type { TraceEvent } from '../../src/simulation/trace.js'
import { random } from './random.js'
import { report } from './reports.js'

/** A name that would run as a script if it were taken for markup. */
export const HOSTILE = `<img src=x onerror="window.attacked='name'">`
export const NAMES = ['alice', 'bob', 'carol', 'dave', HOSTILE] as const
const CORES = ['gq3xk8w1', 'h5nb7yt2']
const BLOCKS = 40
/** Milliseconds. */
const PARTITION = { from: 20_000, to: 35_000 }
const CRASH = { from: 12_000, to: 16_000 }
const PAUSE = { from: 40_000, to: 44_000 }
const FAILED_AT = 52_345.678

/** A minute of five linked peers. One crashes, two are partitioned, one is paused, and the run fails. */
export function fivePeers(): PictureSource {
  const events = trace()
  const frames = events.filter((event) => event.type === 'frame')
  const message = `bob has 39 of 40 blocks <script>window.attacked='message'</script>`
  return {
    events,
    report: report({
      ok: false,
      name: 'five peers & a <b>partition</b></title>',
      frames: frames.length,
      bytes: frames.reduce((sum, { size }) => sum + size, 0),
      failures: [
        { time: FAILED_AT, message, stack: `Error: ${message}\n    at scenario (five-peers.mjs:31:7)` }
      ],
      lost: 1,
      leaks: ['Timeout'],
      faults: [
        { id: 1, time: CRASH.from, duration: 4_000, kind: 'crashes', who: ['dave'] },
        { id: 2, time: PARTITION.from, duration: 15_000, kind: 'splits', who: [] },
        { id: 3, time: 58_000, duration: 60_000, kind: 'clogs', who: [HOSTILE] },
        { id: 4, time: 58_500, duration: 0, kind: 'resets', who: ['alice', 'dave'] }
      ]
    })
  }
}

function trace(): TraceEvent[] {
  const next = random(7)
  const events: TraceEvent[] = NAMES.map((peer, index) => ({
    type: 'peer',
    time: index * 200,
    peer,
    what: 'start'
  }))
  let link = 0
  for (const [index, from] of NAMES.entries()) {
    for (const to of NAMES.slice(index + 1)) {
      const spans =
        from === 'dave' || to === 'dave'
          ? [
              [1_500, CRASH.from],
              [CRASH.to + 300, 59_500]
            ]
          : [[1_000, 59_500]]
      for (const [start, end] of spans) events.push(...linked(++link, from, to, start!, end!, next))
    }
  }
  events.push({ type: 'dial', time: 13_000, link: ++link, from: 'alice', to: 'dave' })
  events.push({ type: 'close', time: 13_000, link, by: null })
  for (const [index, peer] of NAMES.entries()) {
    for (const core of CORES) {
      for (let blocks = 1; blocks <= BLOCKS; blocks++) {
        const time = 2_000 + blocks * 800 + index * 2_500 * next()
        if (peer === 'bob' && blocks === BLOCKS) continue
        events.push({ type: 'blocks', time, peer, core, blocks, length: BLOCKS })
      }
    }
  }
  for (const over of [false, true]) {
    const time = over ? PARTITION.to : PARTITION.from
    events.push({ type: 'fault', time, fault: 9, kind: 'split', who: 'alice, bob | carol', over, chaos: 2 })
  }
  events.push(
    { type: 'fault', time: 48_000, fault: 10, kind: 'shape', who: 'everybody', over: false },
    { type: 'fault', time: 58_000, fault: 11, kind: 'partition', who: HOSTILE, over: false, chaos: 3 },
    { type: 'peer', time: CRASH.from, peer: 'dave', what: 'crash', chaos: 1 },
    { type: 'peer', time: CRASH.to, peer: 'dave', what: 'restart' },
    { type: 'peer', time: PAUSE.from, peer: 'carol', what: 'pause' },
    { type: 'peer', time: PAUSE.to, peer: 'carol', what: 'resume' },
    { type: 'peer', time: 50_000, peer: HOSTILE, what: 'leave' },
    { type: 'lost', time: 59_500, link: 5, from: 'bob', to: 'carol', size: 300, sent: 59_480 },
    { type: 'note', time: 1_900, text: 'all are connected' },
    { type: 'note', time: 36_000, text: HOSTILE },
    { type: 'failure', time: FAILED_AT, message: 'bob has 39 of 40 blocks' }
  )
  for (const peer of NAMES) events.push({ type: 'peer', time: 59_900, peer, what: 'close' })
  return events.sort((a, b) => a.time - b.time)
}

function linked(
  link: number,
  from: string,
  to: string,
  start: number,
  end: number,
  next: () => number
): TraceEvent[] {
  const events: TraceEvent[] = [
    { type: 'dial', time: start, link, from, to },
    { type: 'accept', time: start + 20, link },
    { type: 'connection', time: start + 130, peer: from, remote: to, open: true },
    { type: 'connection', time: start + 130, peer: to, remote: from, open: true }
  ]
  for (let sent = start + 30; sent < end - 200; sent += 20 + 800 * next() ** 3) {
    const isParted = sent > PARTITION.from && sent < PARTITION.to && [from, to].includes('carol')
    const arrived = isParted ? PARTITION.to + next() * 40 : sent + 40 + next() * 60
    const [a, b] = next() < 0.5 ? [from, to] : [to, from]
    events.push({
      type: 'frame',
      time: arrived,
      link,
      from: a,
      to: b,
      size: 20 + Math.floor(next() ** 4 * 16_000),
      sent
    })
  }
  events.push(
    { type: 'connection', time: end, peer: from, remote: to, open: false },
    { type: 'connection', time: end, peer: to, remote: from, open: false },
    { type: 'close', time: end, link, by: from }
  )
  return events
}
