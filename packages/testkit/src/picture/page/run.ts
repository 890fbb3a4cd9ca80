import { bisectLeft, bisectRight } from 'd3-array'
import { BUCKETS, NEVER, type PeerState, type PictureData, STATES } from '../data.js'

/** The frames of a pair, in the order in which they arrived. Times are milliseconds. */
export interface PairFrames {
  readonly sent: Float64Array
  readonly arrived: Float64Array
  /** 1 for a frame from the pair's second peer to its first. */
  readonly back: Uint8Array
  readonly size: Uint32Array
  /** 1 for a frame that was lost. Its `arrived` is when it was lost. */
  readonly lost: Uint8Array
  /** The longest time that a frame was under way. */
  readonly slowest: number
}

/** Answers what was so at a moment of the run. */
export class Run {
  readonly data: PictureData
  readonly #pairs = new Map<string, number>()
  readonly #series: ReadonlyMap<number, number>
  /** Peers with states in the trace, or all if it has no states. Others are addresses that no peer has. */
  readonly members: readonly number[]
  #frames:
    | { readonly order: Uint32Array; readonly start: Uint32Array; readonly time: Float64Array }
    | undefined

  constructor(data: PictureData) {
    this.data = data
    for (const [pair, a] of data.pairs.a.entries()) this.#pairs.set(`${a} ${data.pairs.b[pair]}`, pair)
    this.#series = new Map([...data.traffic.pair].map((pair, index) => [pair, index]))
    const told = new Set(data.states.peer)
    this.members = [...data.peers.keys()].filter((peer) => told.size === 0 || told.has(peer))
  }

  /** The pair of two peers; undefined when neither ever dialled the other. */
  pair(a: number, b: number): number | undefined {
    return this.#pairs.get(`${Math.min(a, b)} ${Math.max(a, b)}`)
  }

  /** The state of each peer. Without states in the trace, all peers count as running. */
  states(time: number): PeerState[] {
    const { states, peers } = this.data
    const now = peers.map((): PeerState => (states.peer.length > 0 ? 'waiting' : 'running'))
    const count = bisectRight(states.time, this.#tick(time))
    for (let row = 0; row < count; row++) now[states.peer[row]!] = STATES[states.state[row]!]!
    return now
  }

  /** The links that are open at a moment. */
  openLinks(time: number): number[] {
    const { opened, closed } = this.data.links
    const tick = this.#tick(time)
    const open: number[] = []
    for (let link = 0; link < opened.length; link++) {
      if (opened[link] !== NEVER && opened[link]! <= tick && closed[link]! > tick) open.push(link)
    }
    return open
  }

  /** How many peers each networker has at a moment. */
  connected(time: number): Int32Array {
    const { connections, peers } = this.data
    const counts = new Int32Array(peers.length)
    const count = bisectRight(connections.time, this.#tick(time))
    for (let row = 0; row < count; row++) counts[connections.peer[row]!]! += connections.open[row] ? 1 : -1
    return counts
  }

  /** Bytes by time of one direction of a pair. */
  traffic(pair: number, way: 0 | 1): Float64Array | undefined {
    const index = this.#series.get(pair)
    if (index === undefined) return
    const start = (index * 2 + way) * BUCKETS
    return this.data.traffic.bytes.subarray(start, start + BUCKETS)
  }

  frames(pair: number): PairFrames {
    const { lane, latency, size, lost } = this.data.frames
    this.#frames ??= this.#sortFrames()
    const { order, start, time } = this.#frames
    const rows = order.subarray(start[pair], start[pair + 1])
    const arrived = Float64Array.from(rows, (row) => time[row]!)
    const sent = Float64Array.from(rows, (row) => time[row]! - latency[row]! * this.data.tick)
    return {
      arrived,
      sent,
      back: Uint8Array.from(rows, (row) => lane[row]! & 1),
      size: Uint32Array.from(rows, (row) => size[row]!),
      lost: Uint8Array.from(rows, (row) => lost[row]!),
      slowest: arrived.reduce((most, at, index) => Math.max(most, at - sent[index]!), 0)
    }
  }

  /** Sorts frames by pair, and within a pair by time. It is a counting sort. */
  #sortFrames() {
    const { tick, pairs } = this.data
    const { lane, gap } = this.data.frames
    const start = new Uint32Array(pairs.a.length + 1)
    const time = new Float64Array(lane.length)
    let ticks = 0
    for (let row = 0; row < lane.length; row++) {
      ticks += gap[row]!
      time[row] = ticks * tick
      start[(lane[row]! >> 1) + 1]!++
    }
    for (let pair = 1; pair < start.length; pair++) start[pair]! += start[pair - 1]!
    const next = start.slice()
    const order = new Uint32Array(lane.length)
    for (let row = 0; row < lane.length; row++) order[next[lane[row]! >> 1]!++] = row
    return { order, start, time }
  }

  #tick(time: number): number {
    return Math.round(time / this.data.tick)
  }
}

/** The indexes of the frames that are under way at some moment between two times. */
export function framesBetween(frames: PairFrames, from: number, to: number): number[] {
  const found: number[] = []
  const last = bisectRight(frames.arrived, to + frames.slowest)
  for (let index = bisectLeft(frames.arrived, from); index < last; index++) {
    if (frames.sent[index]! <= to) found.push(index)
  }
  return found
}
