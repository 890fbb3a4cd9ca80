import { installLibp2p, isLibp2pInstalled, openLibp2pConnections } from '../contenders/libp2p.js'
import { alternate } from '../harness/alternate.js'
import { node22 } from '../harness/node-22.js'
import type { Answer, GrowthPoint, Question, Run, Series, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { ratio, summarize } from '../harness/statistics.js'
import type {
  ConnectionSample,
  ConnectionsHandlers,
  OpenConnectionsOptions
} from '../processes/connections.js'

const PROGRAM = new URL('../processes/connections.ts', import.meta.url)

/** Connections of a trial. */
const FULL = { trials: 8, count: 250, warmup: 8_000 }
const QUICK = { trials: 1, count: 20, warmup: 10 }
/** Connections that stay open. */
const SIZES = [1, 10, 30, 100, 300, 1_000]
const GROWTH_TRIALS = 3

/** In the order of the table. */
const COMPARED = ['ours', 'libp2p', 'bare'] as const

type Options = Pick<OpenConnectionsOptions, 'count' | 'warmup' | 'keepOpen'>
type Open = (options: Options) => Promise<ConnectionSample[]>
/** `corestore` is ours with a Corestore, for a remark. */
type Name = 'ours' | 'bare' | 'libp2p' | 'corestore'
type Samples = Readonly<Partial<Record<Name, readonly ConnectionSample[][]>>>

export const openingAConnection: Question = {
  name: 'opening-a-connection',
  id: 'Q8',
  asks: 'What does it cost to open a connection?',
  how: `Both ends are in one process, and all but the connection is there before: a listener, and for each connection a dialler
of its own. **ours** are networkers on the memory network, with a store that replicates nothing, since libp2p has none;
the clock runs from \`connect\` until both have emitted \`peer-add\`. **libp2p** are nodes with the memory transport, Noise
and yamux; it runs from \`dial\` until that has resolved and the listener has emitted \`connection:open\`. **bare** are two
secret streams on a plain pair of duplex streams; it runs until both are open. Each trial is a new process, on the same
Node for all, which opens one connection after another: the median of ${FULL.count}, after ${FULL.warmup.toLocaleString('en')} to warm up, since
what runs once a connection is optimised by V8 only after some thousands. Both ends must
have proven their keys, and a byte goes there and back, before a connection is closed and the next one dialled.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const all = await contendersOf(run, scratch)
      const work = run.quick ? QUICK : FULL
      const samples = await open(run, all, { ...work, keepOpen: run.quick })
      return answer(samples, run.quick ? pointsOf(samples, [1, QUICK.count]) : await grow(run, all))
    })
  }
}

/** All on the Node that libp2p needs, where it takes part. */
async function contendersOf(
  { quick }: Run,
  { start, directory }: Scratch
): Promise<Partial<Record<Name, Open>>> {
  if (!quick) await installLibp2p()
  const execPath = isLibp2pInstalled() ? await node22() : process.execPath
  const here = (contender: OpenConnectionsOptions['contender']) => async (options: Options) => {
    const child = start<ConnectionsHandlers>(PROGRAM, { execPath })
    const samples = await child.ask('openConnections', { contender, directory, ...options })
    await child.kill()
    return samples
  }
  return {
    ours: here('ours'),
    bare: here('bare'),
    ...(isLibp2pInstalled() && { libp2p: (options: Options) => openLibp2pConnections(execPath, options) }),
    ...(!quick && { corestore: here('corestore') })
  }
}

async function open(
  run: Run,
  contenders: Partial<Record<Name, Open>>,
  { trials, ...options }: Options & { trials: number }
): Promise<Samples> {
  const bound = Object.entries(contenders).map(([name, open]) => [name, () => open(options)])
  return alternate<Name, ConnectionSample[]>(run, Object.fromEntries(bound), { trials, warmup: 0 })
}

/** What so many connections take that stay open, in processes that have yet to warm up. */
async function grow(
  run: Run,
  { corestore: _, ...contenders }: Partial<Record<Name, Open>>
): Promise<GrowthPoint[]> {
  const options = { count: SIZES.at(-1)!, warmup: 0, keepOpen: true }
  return pointsOf(await open(run, contenders, { ...options, trials: GROWTH_TRIALS }), SIZES)
}

function pointsOf(all: Samples, sizes: readonly number[]): GrowthPoint[] {
  return COMPARED.flatMap((contender) => {
    const trials = all[contender]
    if (!trials) return []
    return sizes.map((x) => ({ contender, x, samples: trials.map((trial) => sum(trial.slice(0, x))) }))
  })
}

function sum(samples: readonly ConnectionSample[]): number {
  return samples.reduce((total, { ms }) => total + ms, 0)
}

function answer(samples: Samples, growth: readonly GrowthPoint[]): Answer {
  const opening = medians(samples, 'ms')
  const { ours, bare, libp2p, corestore } = opening
  const what = 'time to open a connection, ours to'
  const targets: Target[] = [ratio(`${what} bare`, ours!, bare!, { atMost: 1.15 })]
  if (libp2p) targets.unshift(ratio(`${what} libp2p`, ours!, libp2p, { atMost: 0.5 }))
  return {
    series: [
      ...seriesOf('Time to open a connection', opening),
      ...seriesOf('CPU time meanwhile', medians(samples, 'cpuMs')),
      ...seriesOf('First round trip on it', medians(samples, 'roundTripMs'))
    ],
    targets,
    growth: [{ what: 'Connections that stay open', x: 'connections', y: 'ms', scale: 'log', points: growth }],
    remarks: corestore ? [remark(ours!, bare!, corestore)] : []
  }
}

type Medians = Partial<Record<Name, number[]>>

function medians(samples: Samples, figure: keyof ConnectionSample): Medians {
  const ofEach = Object.entries(samples).map(([name, trials]) => [
    name,
    trials.map((trial) => summarize(trial.map((sample) => sample[figure])).median)
  ])
  return Object.fromEntries(ofEach)
}

function seriesOf(what: string, all: Medians): Series[] {
  return COMPARED.flatMap((contender) => {
    const samples = all[contender]
    return samples ? [{ contender, what, unit: 'ms', samples }] : []
  })
}

function remark(ours: readonly number[], bare: readonly number[], corestore: readonly number[]): string {
  const micros = (samples: readonly number[]) => Math.round(summarize(samples).median * 1_000)
  const share = Math.round((micros(bare) / micros(ours)) * 100)
  const times = (micros(corestore) / micros(ours)).toFixed(2)
  return `Of the ${micros(ours)} µs that ours takes, the Noise handshake of the bare streams is ${share} %. With a Corestore in place
of the store that replicates nothing, ours takes ${micros(corestore)} µs, which is ${times} times as long.`
}
