import type { Answer, Question, Run, Target } from '../harness/question.js'
import { type Exploration, exploreTwice, runScenario } from '../processes/handles/simulator.js'

const CHAOS = new URL('../processes/simulation/chaos.ts', import.meta.url)
const CHAOS_ROCKSDB = new URL('../processes/simulation/chaos-rocksdb.ts', import.meta.url)
const FLOOD = new URL('../processes/simulation/flood.ts', import.meta.url)
const IDLE = new URL('../processes/simulation/idle.ts', import.meta.url)
const PARTITION = new URL('../processes/simulation/partition.ts', import.meta.url)
const ROUND_TRIPS = new URL('../processes/simulation/round-trips.ts', import.meta.url)

const MIB = 1024 ** 2
const SECOND = 1_000
const MINUTE = 60_000
const TRIPS = 1_000
const SIZES = [10, 30, 100, 300, 1_000]

const sameSeed: Question = {
  name: 'simulation-same-seed',
  id: 'S1',
  asks: 'Do two runs with the same seed do the same?',
  how: `A log is written while 20 peers live through chaos for a minute of virtual time: resets, splits, clogs, crashes, pauses
and churn. Each of 500 seeds runs twice; two processes share the work. A run fails unless every living peer has every block
in the end, and unless it leaves no timer, handle or stream behind. The traces of a seed's two runs are compared by their
hash. A pass is half of the work: each seed once.`,
  measure: async ({ quick }) => repeatAnswer(await exploreTwice(CHAOS, quick ? 20 : 500), { pass: 12 })
}

const sameSeedOnRocksDb: Question = {
  name: 'simulation-same-seed-rocksdb',
  id: 'S2',
  asks: 'Do two runs with the same seed do the same on RocksDB?',
  how: `As S1, with 50 seeds, and with stores in RocksDB on disk. RocksDB works on one thread of libuv, since several would\nchange their order from run to run.`,
  measure: async ({ quick }) => repeatAnswer(await exploreTwice(CHAOS_ROCKSDB, quick ? 2 : 50))
}

const idle: Question = {
  name: 'simulation-idle',
  id: 'S4',
  asks: 'How fast does a day pass in which nothing happens?',
  how: `20 peers of one topic, all connected to each other, send nothing but their keep-alives for 24 hours of virtual time.
The run fails if a connection is lost, or if the heap in the end is more than a tenth larger than after the first hour.`,
  measure: async ({ quick }) => idleAnswer(await runScenario(IDLE, { HOURS: quick ? 2 : 24 }))
}

const roundTrip: Question = {
  name: 'simulation-round-trip',
  id: 'S5',
  asks: 'What does a round trip of 200 ms cost in real time?',
  how: `An extension message and its answer take 200 ms of virtual time over a link of 100 ms. The figure is the mean of
${TRIPS.toLocaleString('en')} of them, one after another, less a run with a single one.`,
  async measure() {
    const { wallTime } = await runScenario(ROUND_TRIPS, { TRIPS })
    const { wallTime: start } = await runScenario(ROUND_TRIPS, { TRIPS: 1 })
    return roundTripAnswer((wallTime - start) / (TRIPS - 1))
  }
}

const growth: Question = {
  name: 'simulation-growth',
  id: 'S6',
  asks: 'What does a frame cost as the number of peers grows?',
  how: `As S3, with ${SIZES[0]} to ${SIZES.at(-1)!.toLocaleString('en')} peers. The figure is the wall time of the run for each frame that arrives.`,
  async measure({ quick }) {
    const costs: [number, number][] = []
    for (const peers of quick ? [10, 100] : SIZES) {
      const { wallTime, frames } = await runScenario(FLOOD, { PEERS: peers })
      costs.push([peers, (1_000 * wallTime) / frames])
    }
    return growthAnswer(costs)
  }
}

const partition: Question = {
  name: 'simulation-partition',
  id: 'S7',
  asks: 'How long does a small test take?',
  how: `Two of five peers are cut off by a partition while a block is written, and get it afterwards. The clock runs from the
first peer to the report; loading the libraries does not count.`,
  measure: async () => partitionAnswer((await runScenario(PARTITION)).wallTime)
}

/** All questions of the page, in its order. */
export const simulation: readonly Question[] = [
  sameSeed,
  sameSeedOnRocksDb,
  flood({ name: 'simulation-flood', id: 'S3', peers: 1_000, quickPeers: 100, seconds: 45, mib: 800 }),
  idle,
  roundTrip,
  growth,
  partition,
  {
    ...flood({ name: 'simulation-flood-5000', id: 'S8', peers: 5_000, seconds: 180, mib: 3 * 1_024 }),
    isNightly: true
  }
]

interface FloodOptions {
  readonly name: string
  readonly id: string
  readonly peers: number
  /** Peers in a quick run. @default peers */
  readonly quickPeers?: number
  /** Longest wall time that reaches the target. */
  readonly seconds: number
  /** Most resident memory that reaches the target. */
  readonly mib: number
}

function flood({ name, id, peers, quickPeers = peers, seconds, mib }: FloodOptions): Question {
  return {
    name,
    id,
    asks: `What do ${peers.toLocaleString('en')} peers cost?`,
    how: `${peers.toLocaleString('en')} peers, each linked to 8 others, get a core of 10 blocks from each other. Noise, the networkers and Hypercore are
the real ones.`,
    async measure({ quick }: Run) {
      return floodAnswer(await runScenario(FLOOD, { PEERS: quick ? quickPeers : peers }), seconds, mib)
    }
  }
}

/** @param pass the minutes that a pass may take */
function repeatAnswer(
  { seeds, repeated, differ, failed, wallTime }: Exploration,
  { pass }: { readonly pass?: number } = {}
): Answer {
  const minutes = wallTime / 2 / MINUTE
  const targets: Target[] = [
    { what: `seeds whose two runs differ, of ${repeated}`, value: differ, unit: 'seeds', atMost: 0 },
    { what: `seeds with a failed run, of ${seeds}`, value: failed, unit: 'seeds', atMost: 0 }
  ]
  if (pass) targets.push({ what: 'wall time of a pass', value: minutes, unit: 'min', atMost: pass })
  return answer([['Wall time of a pass', 'min', minutes]], targets)
}

function floodAnswer(
  { wallTime, peakMemory }: { readonly wallTime: number; readonly peakMemory: number },
  seconds: number,
  mib: number
): Answer {
  const [took, memory] = [wallTime / SECOND, peakMemory / MIB]
  return answer(
    [
      ['Wall time', 's', took],
      ['Most resident memory', 'MiB', memory]
    ],
    [
      { what: 'wall time', value: took, unit: 's', atMost: seconds },
      { what: 'most resident memory', value: memory, unit: 'MiB', atMost: mib }
    ]
  )
}

function idleAnswer({ wallTime, events }: { readonly wallTime: number; readonly events: number }): Answer {
  const seconds = wallTime / SECOND
  return answer(
    [
      ['Wall time', 's', seconds],
      ['Events that the clock ran', 'events', events]
    ],
    [{ what: 'wall time', value: seconds, unit: 's', atMost: 60 }]
  )
}

function roundTripAnswer(ms: number): Answer {
  const target = { what: 'wall time of a round trip', value: ms, unit: 'ms', atMost: 2 }
  return answer([['Wall time of a round trip', 'ms', ms]], [target])
}

/** @param costs wall time of a frame (µs), by the number of peers */
function growthAnswer(costs: readonly (readonly [peers: number, cost: number])[]): Answer {
  const [[few, least], [many, most]] = [costs[0]!, costs.at(-1)!]
  const target: Target = {
    what: `cost of a frame among ${many} peers to one among ${few}`,
    value: most / least,
    unit: '×',
    atMost: 2
  }
  const list = costs.map(([peers, cost]) => `${cost.toFixed(0)} µs among ${peers.toLocaleString('en')}`)
  return {
    ...answer([[`Cost of a frame among ${many.toLocaleString('en')} peers`, 'µs', most]], [target]),
    growth: [
      {
        what: 'Cost of a frame',
        x: 'peers',
        y: 'µs',
        scale: 'log',
        points: costs.map(([x, cost]) => ({ contender: 'ours', x, samples: [cost] }))
      }
    ],
    remarks: [`By the number of peers, a frame costs ${list.join(', ')}.`]
  }
}

function partitionAnswer(ms: number): Answer {
  return answer([['Wall time', 'ms', ms]], [{ what: 'wall time', value: ms, unit: 'ms', atMost: 500 }])
}

function answer(
  figures: readonly (readonly [what: string, unit: string, value: number])[],
  targets: readonly Target[]
): Answer {
  const series = figures.map(([what, unit, value]) => {
    return { contender: 'ours' as const, what, unit, samples: [value] }
  })
  return { series, targets, growth: [] }
}
