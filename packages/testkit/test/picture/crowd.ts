import type { PictureSource } from '../../src/picture/picture.js'
import type { TraceEvent } from '../../src/simulation/trace.js'
import { random } from './random.js'
import { report } from './reports.js'

const PEERS = 1_000
/** How many links each peer dials. It has twice as many links, since others dial it too. */
const DIALS = 4
const FRAMES = 300_000
const BLOCKS = 100
/** Milliseconds. */
const END = 120_000

/** A thousand peers with eight links each. A core spreads among them, some crash, some are partitioned for a while. */
export function crowd(): PictureSource {
  return {
    events: events(),
    report: report({ name: 'a thousand peers', virtualTime: END, frames: FRAMES, bytes: FRAMES * 1_000 })
  }
}

/** Yields the events one by one, as a file is read. */
function* events(): Generator<TraceEvent> {
  const next = random(1)
  const name = (peer: number) => `peer-${peer + 1}`
  for (let peer = 0; peer < PEERS; peer++) yield { type: 'peer', time: peer, peer: name(peer), what: 'start' }
  const links = Array.from({ length: PEERS * DIALS }, (_, index) => {
    const from = index % PEERS
    // Most links are to near peers on a ring, and some to far ones.
    const to = (from + 1 + Math.floor(next() ** 6 * (PEERS - 1))) % PEERS
    return { from: name(from), to: name(to) }
  })
  for (const [link, { from, to }] of links.entries()) {
    yield { type: 'dial', time: 1_000 + link / 2, link, from, to }
    yield { type: 'accept', time: 1_000 + link / 2, link }
  }
  const heads = new Uint8Array(PEERS)
  for (let frame = 0; frame < FRAMES; frame++) {
    const time = 5_000 + (frame / FRAMES) * (END - 6_000)
    const link = Math.floor(next() ** 1.5 * links.length)
    const { from, to } = links[link]!
    const isBack = next() < 0.3
    const sent = time - 20 - next() * 80
    yield {
      type: 'frame',
      time,
      link,
      from: isBack ? to : from,
      to: isBack ? from : to,
      size: 30 + Math.floor(next() * 2_000),
      sent
    }
    const peer = frame % PEERS
    if (heads[peer]! < BLOCKS && next() < 1.2 - peer / PEERS) {
      yield {
        type: 'blocks',
        time,
        peer: name(peer),
        core: 'gq3xk8w1',
        blocks: ++heads[peer]!,
        length: BLOCKS
      }
    }
    if (frame % 6_000 === 3_000)
      yield { type: 'peer', time, peer: name(Math.floor(frame / 6_000)), what: 'crash' }
    if (frame % 6_000 === 4_500)
      yield { type: 'peer', time, peer: name(Math.floor(frame / 6_000)), what: 'restart' }
    if (frame % 30_000 === 10_000) {
      yield {
        type: 'fault',
        time,
        fault: frame,
        kind: 'partition',
        who: `peer-1…peer-${frame / 1_000} | the rest`,
        over: false
      }
    }
    if (frame % 30_000 === 20_000) {
      yield { type: 'fault', time, fault: frame - 10_000, kind: 'partition', who: '', over: true }
    }
  }
}
