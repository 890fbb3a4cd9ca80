import type { ConnectionSample, Dials } from '../contenders/dialler.js'
import { installLibp2p, isLibp2pInstalled, openLibp2pConnections } from '../contenders/libp2p.js'
import { alternate } from '../harness/alternate.js'
import { node22 } from '../harness/node-22.js'
import type { Answer, Contender, GrowthPoint, Question, Run, Series, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { seriesOf } from '../harness/series.js'
import { ratio, summarize } from '../harness/statistics.js'
import type { ConnectionsHandlers, OpenConnectionsOptions } from '../processes/connections.js'

const PROGRAM = new URL('../processes/connections.ts', import.meta.url)

/** How many trials, connections of a trial, and connections before the ones that count. */
const FULL = { trials: 8, count: 250, warmup: 8_000 }
const QUICK = { trials: 1, count: 20, warmup: 10 }
/** Numbers of connections that stay open. */
const SIZES = [1, 10, 30, 100, 300, 1_000]
const GROWTH_TRIALS = 3

/** The contenders, in the order of the table. */
const COMPARED = ['ours', 'libp2p', 'bare'] as const satisfies readonly Contender[]

type Open = (dials: Dials) => Promise<ConnectionSample[]>
/** `corestore` is ours with a Corestore. It is only in a remark. */
type Name = 'ours' | 'bare' | 'libp2p' | 'corestore'
type Samples = Readonly<Partial<Record<Name, readonly ConnectionSample[][]>>>

export const openingAConnection: Question = {
  name: 'opening-a-connection',
  id: 'Q8',
  asks: 'What does it cost to open a connection?',
  how: `Both ends are in one process. A listener, and a dialler for each connection, are there before the clock runs.

- **ours** are networkers on the memory network, with a store that replicates nothing, since libp2p has no store. The clock
  runs from \`connect\` until both ends have emitted \`peer-add\`.
- **libp2p** are nodes with the memory transport, Noise and yamux. The clock runs from \`dial\` until it has resolved and the
  listener has emitted \`connection:open\`.
- **bare** are two secret streams on a plain pair of duplex streams. The clock runs until both are open.

Each trial is a new process, on the same Node for all, which opens one connection after another. Its figure is the median of
${FULL.count} connections after ${FULL.warmup.toLocaleString('en')} to warm up: V8 optimises code that runs once for each connection only after some thousands
of them. Both ends have to prove their keys, and a byte goes there and back, before a connection is closed and the next one
dialled.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const all = await openersOf(run, scratch)
      const work = run.quick ? QUICK : FULL
      const samples = await open(run, all, { ...work, keepOpen: run.quick })
      return answer(samples, run.quick ? pointsOf(samples, [1, QUICK.count]) : await grow(run, all))
    })
  }
}

/** Where libp2p takes part, all contenders run on the Node that it needs. */
async function openersOf(
  { quick }: Run,
  { start, directory }: Scratch
): Promise<Partial<Record<Name, Open>>> {
  if (!quick) await installLibp2p()
  const execPath = isLibp2pInstalled() ? await node22() : process.execPath
  const here = (contender: OpenConnectionsOptions['contender']) => async (dials: Dials) => {
    const child = start<ConnectionsHandlers>(PROGRAM, { execPath })
    const samples = await child.ask('openConnections', { contender, directory, ...dials })
    await child.kill()
    return samples
  }
  return {
    ours: here('ours'),
    bare: here('bare'),
    ...(isLibp2pInstalled() && { libp2p: (dials: Dials) => openLibp2pConnections(execPath, dials) }),
    ...(!quick && { corestore: here('corestore') })
  }
}

async function open(
  run: Run,
  contenders: Partial<Record<Name, Open>>,
  { trials, ...dials }: Dials & { trials: number }
): Promise<Samples> {
  const bound = Object.entries(contenders).map(([name, open]) => [name, () => open(dials)])
  return alternate<Name, ConnectionSample[]>(run, Object.fromEntries(bound), { trials, warmup: 0 })
}

/** Measures connections that stay open, in processes that have not warmed up. */
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
      ...series('Time to open a connection', opening),
      ...series('CPU time meanwhile', medians(samples, 'cpuMs')),
      ...series('First round trip on it', medians(samples, 'roundTripMs'))
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

function series(what: string, all: Medians): Series[] {
  const compared = Object.fromEntries(COMPARED.map((contender) => [contender, all[contender] ?? []]))
  return seriesOf({ what, unit: 'ms' }, compared, Number)
}

function remark(ours: readonly number[], bare: readonly number[], corestore: readonly number[]): string {
  const micros = (samples: readonly number[]) => Math.round(summarize(samples).median * 1_000)
  const share = Math.round((micros(bare) / micros(ours)) * 100)
  const times = (micros(corestore) / micros(ours)).toFixed(2)
  return `Ours takes ${micros(ours)} µs, of which the Noise handshake of the bare streams is ${share} %. With a Corestore instead of the store that
replicates nothing, ours takes ${micros(corestore)} µs, ${times} times as long.`
}
