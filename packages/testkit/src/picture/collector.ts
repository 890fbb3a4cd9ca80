import type { SimulationReport } from '../simulation/report.js'
import type { TraceEvent } from '../simulation/trace.js'
import { Blocks } from './blocks.js'
import { Column } from './column.js'
import { BUCKETS, LIMITS, type Mark, NEVER, type PeerState, type PictureData, STATES } from './data.js'
import { FaultBars } from './faults.js'
import { Frames } from './frames.js'
import { LinkTable } from './links.js'
import { Numbering } from './numbering.js'
import { Pairs } from './pairs.js'

/** Milliseconds. No screen shows finer times. */
const FINEST_TICK = 0.001

type Event<T extends TraceEvent['type']> = Extract<TraceEvent, { type: T }>
type Step = Event<'peer'>['what']

const STATE_AFTER: Readonly<Record<Step, PeerState>> = {
  start: 'running',
  restart: 'running',
  resume: 'running',
  pause: 'paused',
  crash: 'crashed',
  leave: 'left',
  close: 'left'
}

/** Adds up what a picture shows of a run. It takes the events one by one, in the order of their times. */
export class Collector {
  readonly #report: SimulationReport
  readonly #limits: typeof LIMITS
  readonly #end: number
  readonly #peers = new Numbering<string>()
  readonly #cores = new Numbering<string>()
  readonly #states = { time: new Column(), peer: new Column(), state: new Column() }
  readonly #connections = { time: new Column(), peer: new Column(), open: new Column() }
  readonly #links = new LinkTable()
  readonly #pairs = new Pairs()
  readonly #frames: Frames
  readonly #activity = { frames: new Uint32Array(BUCKETS), bytes: new Float64Array(BUCKETS) }
  readonly #blocks: Blocks
  readonly #faults = new FaultBars()
  readonly #marks: Mark[] = []

  /** @param report its `virtualTime` is the end of the time axes. Later events are shown at that end */
  constructor(report: SimulationReport, limits = LIMITS) {
    this.#report = report
    this.#limits = limits
    this.#end = Math.max(report.virtualTime, 1)
    this.#frames = new Frames(limits.frames)
    this.#blocks = new Blocks(limits.blocks)
  }

  add(event: TraceEvent): void {
    const time = Math.min(event.time, this.#end)
    if (event.type === 'dial') this.#dial(event, time)
    else if (event.type === 'accept') this.#links.accept(event.link, time)
    else if (event.type === 'close') this.#links.close(event.link, time)
    else if (event.type === 'frame') this.#frame(event, time)
    else if (event.type === 'lost') this.#lost(event, time)
    else if (event.type === 'fault') this.#fault(event, time)
    else if (event.type === 'peer') this.#peer(event, time)
    else if (event.type === 'blocks') this.#block(event, time)
    else if (event.type === 'connection') this.#connection(event, time)
    else if (event.type === 'note') this.#marks.push({ time, kind: 'note', text: event.text })
    else if (event.type === 'failure') this.#marks.push({ time, kind: 'failure', text: event.message })
    else this.#peers.of(event.peer)
  }

  finish(): PictureData {
    const end = this.#end
    const limits = this.#limits
    const tick = Math.max(FINEST_TICK, end / (NEVER - 1))
    const frames = this.#frames.finish(tick)
    const dropped = this.#frames.dropped(this.#pairs.size)
    const pairs = { ...this.#pairs.totals(), dropped }
    const traffic = this.#pairs.traffic(limits.traffic)
    const bars = this.#faults.finish(this.#report.faults, end)
    const busy = pairs.a.filter((_, pair) => pairs.frames[pair * 2]! + pairs.frames[pair * 2 + 1]! > 0)
    return {
      report: this.#report,
      end,
      tick,
      peers: this.#peers.keys,
      cores: this.#cores.keys,
      states: {
        time: this.#states.time.toTicks(tick),
        peer: this.#states.peer.toUint32(),
        state: this.#states.state.toUint8()
      },
      connections: {
        time: this.#connections.time.toTicks(tick),
        peer: this.#connections.peer.toUint32(),
        open: this.#connections.open.toUint8()
      },
      links: this.#links.finish(tick),
      pairs,
      traffic,
      activity: this.#activity,
      frames,
      blocks: this.#blocks.finish(),
      faults: bars.slice(0, limits.faults),
      marks: this.#marks.slice(0, limits.marks),
      leftOut: {
        frames: dropped.reduce((sum, count) => sum + count, 0),
        traffic: busy.length - traffic.pair.length,
        blocks: this.#blocks.leftOut,
        faults: Math.max(0, bars.length - limits.faults),
        marks: Math.max(0, this.#marks.length - limits.marks)
      }
    }
  }

  #dial({ link, from, to }: Event<'dial'>, time: number): void {
    const [a, b] = [this.#peers.of(from), this.#peers.of(to)]
    this.#pairs.lane(a, b)
    this.#links.dial(link, time, a, b)
  }

  #frame({ from, to, size, sent }: Event<'frame'>, time: number): void {
    const lane = this.#pairs.lane(this.#peers.of(from), this.#peers.of(to))
    const bucket = this.#bucket(time)
    this.#pairs.add(lane, bucket, size)
    this.#frames.add(lane, { time, sent: Math.min(sent, time), size, isLost: false })
    this.#activity.frames[bucket]!++
    this.#activity.bytes[bucket]! += size
  }

  #lost({ from, to, size, sent }: Event<'lost'>, time: number): void {
    const lane = this.#pairs.lane(this.#peers.of(from), this.#peers.of(to))
    this.#pairs.lose(lane)
    this.#frames.add(lane, { time, sent: Math.min(sent, time), size, isLost: true })
  }

  #fault({ fault, kind, who, over, chaos }: Event<'fault'>, time: number): void {
    const key = `fault ${fault}`
    if (over) this.#faults.end(key, time)
    else this.#faults.begin(key, { kind, who, time, chaos })
    if (kind.startsWith('kill')) this.#links.kill(this.#peers.of(who), time)
  }

  #peer({ peer, what, chaos }: Event<'peer'>, time: number): void {
    this.#states.time.push(time)
    this.#states.peer.push(this.#peers.of(peer))
    this.#states.state.push(STATES.indexOf(STATE_AFTER[what]))
    // Every step ends a crash or a pause: a paused peer that leaves is no longer paused.
    this.#faults.end(`peer ${peer}`, time)
    const isFault = what === 'crash' || what === 'pause' || (what === 'leave' && chaos !== undefined)
    if (isFault) this.#faults.begin(`peer ${peer}`, { kind: what, who: peer, time, chaos })
    if (what !== 'start' && what !== 'close')
      this.#marks.push({ time, kind: 'peer', text: `${peer}: ${what}` })
  }

  #block({ peer, core, blocks, length }: Event<'blocks'>, time: number): void {
    this.#blocks.add(this.#bucket(time), this.#peers.of(peer), this.#cores.of(core), blocks, length)
  }

  #connection({ peer, open }: Event<'connection'>, time: number): void {
    this.#connections.time.push(time)
    this.#connections.peer.push(this.#peers.of(peer))
    this.#connections.open.push(open ? 1 : 0)
  }

  #bucket(time: number): number {
    return Math.min(BUCKETS - 1, Math.floor((time / this.#end) * BUCKETS))
  }
}
