import { sum } from 'simple-statistics'
import { alternate } from '../harness/alternate.js'
import type { Growth, Question, Run } from '../harness/question.js'
import { pointsAt, seriesOf } from '../harness/series.js'
import { ratio } from '../harness/statistics.js'
import { type Peer, type StartPeer, withPeers } from '../processes/handles/peers.js'

/** Bytes of a block. */
const BLOCK = 100
const COUNT = 2_000
const QUICK_COUNT = 20
const FEWER = [125, 250, 500, 1_000]
const KIB = 1_024
const MIB = 1024 ** 2

type Name = 'ours' | 'raw'

interface Trial {
  /** Time from the join to the last block. */
  readonly seconds: number
  /** CPU time of both processes meanwhile (s). */
  readonly cpu: number
  /** Resident memory of the writer's process when all blocks are there (MiB). */
  readonly writer: number
  /** Resident memory of the reader's process then (MiB). */
  readonly reader: number
  /** JavaScript heap that both processes gained since before the cores were opened, for each core (KiB). */
  readonly heap: number
}

type Trials = Readonly<Record<Name, Trial[]>>

interface Figure {
  readonly what: string
  readonly unit: string
  readonly of: (trial: Trial) => number
}

const FIGURES: readonly Figure[] = [
  { what: 'Time until all are there', unit: 's', of: ({ seconds }) => seconds },
  { what: 'Resident memory of the writer', unit: 'MiB', of: ({ writer }) => writer },
  { what: 'Resident memory of the reader', unit: 'MiB', of: ({ reader }) => reader }
]
/** Figures without a target. */
const DETAILS: readonly Figure[] = [
  { what: 'CPU of both until then', unit: 's', of: ({ cpu }) => cpu },
  { what: 'JavaScript heap of both for a core', unit: 'KiB', of: ({ heap }) => heap }
]

export const smallCores: Question = {
  name: 'small-cores',
  id: 'Q3',
  asks: 'How fast do many small cores arrive, and in what memory?',
  how: `Two processes have ${COUNT.toLocaleString('en')} cores open, each of one block of ${BLOCK} bytes, and replicate them over one connection. The clock
runs from the reader's join of one core's topic until it has the block of each core. All blocks are compared by one
SHA-256. Resident memory is that of a whole process with all cores open, after a garbage collection.`,
  async measure(run) {
    return withPeers(async (start) => {
      const count = run.quick ? QUICK_COUNT : COUNT
      const trials = await measureCores(run, start, count, run.quick ? 1 : 10)
      const sizes: [number, Trials][] = [[count, trials]]
      for (const fewer of run.quick ? [] : FEWER)
        sizes.push([fewer, await measureCores(run, start, fewer, 3)])
      return {
        series: [...FIGURES, ...DETAILS].flatMap((figure) => seriesOf(figure, trials, figure.of)),
        targets: FIGURES.map((figure) => {
          const what = `${figure.what.toLowerCase()}, ours to raw`
          return ratio(what, trials.ours.map(figure.of), trials.raw.map(figure.of), { atMost: 1.02 })
        }),
        growth: FIGURES.map((figure): Growth => {
          const points = sizes.flatMap(([x, all]) => pointsAt(x, all, figure.of))
          return { what: figure.what, x: 'cores', y: figure.unit, points }
        })
      }
    })
  }
}

function measureCores(run: Run, start: StartPeer, count: number, trials: number): Promise<Trials> {
  const each = { ours: () => trial('ours', count, start), raw: () => trial('raw', count, start) }
  return alternate(run, each, { trials, warmup: count === COUNT ? 1 : 0 })
}

async function trial(contender: Name, count: number, start: StartPeer): Promise<Trial> {
  const options = { execArgv: ['--expose-gc'] }
  const peers = await Promise.all([start(contender, options), start(contender, options)])
  const [writer, reader] = peers
  const empty = await usageOf(peers)
  const { keys, hash } = await writer.ask('appendCores', count, BLOCK)
  await reader.ask('openCores', keys)
  await writer.ask('join', keys[0]!, { announce: true, lookup: false, flush: true })
  const before = await usageOf(peers)
  const got = await reader.ask('firstOfEach')
  const { cpu, heapUsed, rss } = await usageOf(peers)
  if (got.hash !== hash || got.bytes !== count * BLOCK) throw new Error(`${contender} got other blocks`)
  if ((await reader.ask('connections')) !== 1) throw new Error(`${contender} took more than one connection`)
  for (const peer of peers) await peer.ask('close')
  for (const peer of peers) await peer.kill()
  return {
    seconds: got.ms / 1_000,
    cpu: sum(cpu) - sum(before.cpu),
    writer: rss[0]! / MIB,
    reader: rss[1]! / MIB,
    heap: (sum(heapUsed) - sum(empty.heapUsed)) / count / KIB
  }
}

async function usageOf(peers: readonly Peer[]): Promise<Record<'cpu' | 'heapUsed' | 'rss', number[]>> {
  const all = await Promise.all(peers.map((peer) => peer.ask('usage')))
  return {
    cpu: all.map(({ cpu }) => cpu),
    heapUsed: all.map(({ heapUsed }) => heapUsed),
    rss: all.map(({ rss }) => rss)
  }
}
