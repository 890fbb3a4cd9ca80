import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { alternate } from '../harness/alternate.js'
import type { Child } from '../harness/child.js'
import type { Growth, Question, Run, Series, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { pointsAt, seriesOf } from '../harness/series.js'
import { summarize } from '../harness/statistics.js'
import type { JoinerHandlers } from '../processes/joiner.js'

const JOINER = new URL('../processes/joiner.ts', import.meta.url)
/** Those of the targets are tried more often. */
const TARGETS = [2, 6, 16]
const SIZES = [2, 4, 6, 10, 16]
/** Milliseconds that a trial may take. */
const PATIENCE = 5_000
/** With raw, which then waits in vain most times. */
const QUICK_PATIENCE = 1_000

type Contender = 'ours' | 'raw'
type Joiner = Child<JoinerHandlers>

interface Trial {
  /** Until everybody had met everybody else, undefined when they did not in time. */
  readonly ms: number | undefined
  /** Of the pairs, those that had met in the end, from 0 to 1. */
  readonly pairs: number
  /** What all processes computed until then, in seconds. */
  readonly cpu: number
}

interface Measured {
  readonly size: number
  readonly trials: Readonly<Record<Contender, readonly Trial[]>>
}

export const joiningAtOnce: Question = {
  name: 'joining-at-once',
  id: 'Q7b',
  asks: 'Do peers that join at the same moment find each other?',
  how: `Processes that have entered a DHT of 10 nodes are told at once to \`configure\` one topic, or to \`swarm.join\` it and
nothing more. The mesh is full when each holds a connection to each other one, over which both have answered the
other's Protomux channel; the public keys on both ends are compared. After ${PATIENCE / 1_000} s a trial counts as failed. Raw has
fewer trials, since most take that long. Between the trials the processes live on, but enter the DHT anew, with
new key pairs and another topic.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const sizes = run.quick ? SIZES.slice(0, 1) : SIZES
      const joiners = Array.from({ length: sizes.at(-1)! }, () => scratch.start<JoinerHandlers>(JOINER))
      const all: Measured[] = []
      if (!run.quick) await warmUp(run, joiners, scratch)
      for (const size of sizes) {
        all.push({ size, trials: await measure(run, joiners.slice(0, size), scratch) })
      }
      const chosen = all.filter(({ size }) => TARGETS.includes(size))
      return {
        series: chosen.flatMap(seriesOfSize),
        targets: chosen.map(targetOf),
        growth: [sharePlot(all), timePlot(all)],
        remarks: [rawRemark(all), cpuRemark(all.at(-1)!)]
      }
    })
  }
}

async function warmUp(run: Run, joiners: readonly Joiner[], scratch: Scratch): Promise<void> {
  run.progress('warm-up')
  for (const contender of ['ours', 'raw'] as const) await trial(contender, joiners, PATIENCE, scratch)
}

/** Ten rounds, each of five trials of ours and one of raw, for a size with a target. */
async function measure(run: Run, joiners: readonly Joiner[], scratch: Scratch): Promise<Measured['trials']> {
  const rounds = TARGETS.includes(joiners.length) ? 10 : 2
  const several = async (contender: Contender, count: number) => {
    const patience = run.quick && contender === 'raw' ? QUICK_PATIENCE : PATIENCE
    const trials: Trial[] = []
    while (trials.length < count) trials.push(await trial(contender, joiners, patience, scratch))
    return trials
  }
  const { ours, raw } = await alternate(
    run,
    { ours: () => several('ours', run.quick ? 1 : 5), raw: () => several('raw', 1) },
    { trials: run.quick ? 1 : rounds, warmup: 0 }
  )
  return { ours: verified(ours.flat()), raw: raw.flat() }
}

/** @throws Error when nobody met anybody: the benchmark is broken */
function verified(trials: readonly Trial[]): readonly Trial[] {
  if (trials.some(({ pairs }) => pairs > 0)) return trials
  throw new Error('in no trial of ours did anybody meet anybody')
}

async function trial(
  contender: Contender,
  joiners: readonly Joiner[],
  patience: number,
  { testnet, directory }: Scratch
): Promise<Trial> {
  const { bootstrap } = testnet
  const ids = await each(joiners, (joiner) => joiner.ask('open', { contender, bootstrap, directory }))
  const topic = randomBytes(32)
  const options = { announce: true, lookup: true, flush: contender === 'ours' }
  const before = await cpuOf(joiners)
  const start = performance.now()
  const left = () => Math.max(0, patience - (performance.now() - start))
  const joins = each(joiners, (joiner) => joiner.ask('join', topic, options))
  const look = (others: number) => each(joiners, (joiner) => joiner.ask('meet', others, left()))
  let pairs = 0
  let ms: number | undefined
  while (ms === undefined && left() > 0) {
    await look(joiners.length - 1)
    const took = performance.now() - start
    // At one time: a connection may have closed while others were waited for.
    pairs = shareOfPairs(ids, await look(0))
    if (pairs === 1 && took <= patience) ms = took
  }
  const cpu = (await cpuOf(joiners)) - before
  await joins
  await each(joiners, (joiner) => joiner.ask('close'))
  return { ms, pairs, cpu }
}

async function cpuOf(joiners: readonly Joiner[]): Promise<number> {
  const usages = await each(joiners, (joiner) => joiner.ask('usage'))
  return usages.reduce((sum, { cpu }) => sum + cpu, 0)
}

function each<T>(joiners: readonly Joiner[], ask: (joiner: Joiner) => Promise<T>): Promise<T[]> {
  return Promise.all(joiners.map(ask))
}

/** Of all pairs, those whose ends both say that they met. */
function shareOfPairs(ids: readonly string[], met: readonly string[][]): number {
  let pairs = 0
  for (const [i, id] of ids.entries()) {
    for (const [j, other] of ids.slice(0, i).entries()) {
      if (met[i]!.includes(other) && met[j]!.includes(id)) pairs++
    }
  }
  return pairs / ((ids.length * (ids.length - 1)) / 2)
}

function seriesOfSize({ size, trials }: Measured): Series[] {
  const processes = `${size} processes`
  return [
    ...seriesOf({ what: `${processes}: pairs that met`, unit: '%' }, trials, ({ pairs }) => pairs * 100),
    ...seriesOf(
      { what: `${processes}: time to a full mesh, where there was one`, unit: 'ms' },
      trials,
      ({ ms }) => ms
    )
  ]
}

function targetOf({ size, trials }: Measured): Target {
  const what = `${size} processes: trials with a full mesh within ${PATIENCE / 1_000} s`
  return { what, value: shareOf(trials.ours), unit: '%', atLeast: 100 }
}

function sharePlot(all: readonly Measured[]): Growth {
  const points = all.flatMap(({ size, trials: { ours, raw } }) => {
    return pointsAt(size, { ours: [shareOf(ours)], raw: [shareOf(raw)] }, (share) => share)
  })
  return { what: 'Trials with a full mesh', x: 'processes', y: '%', points }
}

function timePlot(all: readonly Measured[]): Growth {
  const points = all.flatMap(({ size, trials }) => pointsAt(size, trials, ({ ms }) => ms))
  return { what: 'Time to a full mesh, where there was one', x: 'processes', y: 'ms', points }
}

function rawRemark(all: readonly Measured[]): string {
  const reached = all.map(({ size, trials: { raw } }) => {
    return `${timesOf(raw).length} of ${raw.length} trials with ${size} processes`
  })
  return `Raw reached a full mesh in ${reached.join(', ')}: who looks up before the others' announcements are stored asks
again only after ten minutes. The networker's transport asks again soon, and ever less often.`
}

/** Where the time goes, once there are more processes than cores. */
function cpuRemark({ size, trials: { ours } }: Measured): string {
  const full = ours.filter(({ ms }) => ms !== undefined)
  if (full.length === 0) return 'There was no full mesh to tell of.'
  const seconds = summarize(timesOf(full)).median / 1_000
  const cpu = summarize(full.map((trial) => trial.cpu)).median
  const cores = availableParallelism()
  const share = (cpu / (seconds * cores)) * 100
  return `Until ${size} processes of ours were a full mesh, they computed for ${cpu.toFixed(2)} s in all, ${share.toFixed(0)} % of what ${cores} cores do
in that time of ${seconds.toFixed(2)} s: where others keep the cores busy, it takes longer.`
}

function timesOf(trials: readonly Trial[]): number[] {
  return trials.flatMap(({ ms }) => ms ?? [])
}

/** In percent. */
function shareOf(trials: readonly Trial[]): number {
  return (timesOf(trials).length / trials.length) * 100
}
