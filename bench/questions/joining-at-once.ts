import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { alternate } from '../harness/alternate.js'
import type { Growth, Question, Run, Series, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { growthOf, seriesOf } from '../harness/series.js'
import { summarize } from '../harness/statistics.js'
import {
  each,
  type Joiner,
  type JoinerContender,
  openJoiners,
  startJoiners
} from '../processes/handles/joiners.js'

/** Sizes with a target. They have more trials than the others. */
const TARGETS = [2, 6, 16]
const SIZES = [2, 4, 6, 10, 16]
/** Longest time of a trial (ms). A trial that takes longer counts as failed. */
const PATIENCE = 5_000
/** The same for raw in a quick run (ms): most of its trials wait in vain. */
const QUICK_PATIENCE = 1_000

interface Trial {
  /** Time until all peers had met all others; undefined when they did not in time. */
  readonly ms: number | undefined
  /** Share of the pairs that had met in the end, from 0 to 1. */
  readonly pairs: number
  /** CPU time of all processes until then (s). */
  readonly cpu: number
}

interface Measured {
  readonly size: number
  readonly samples: Readonly<Record<JoinerContender, readonly Trial[]>>
}

export const joiningAtOnce: Question = {
  name: 'joining-at-once',
  id: 'Q7b',
  asks: 'Do peers that join at the same moment find each other?',
  how: `Processes that have entered a DHT of 10 nodes are told at the same time to \`configure\` one topic, or to \`swarm.join\` it
and nothing more. The mesh is full when each process is connected to each other one, and both have answered on the other's
Protomux channel; the public keys on both ends are compared. After ${PATIENCE / 1_000} s a trial counts as failed. Raw has fewer trials,
since most of them take that long. The processes live on between the trials, but enter the DHT anew with new key pairs, and
join another topic.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const sizes = run.quick ? SIZES.slice(0, 1) : SIZES
      const joiners = startJoiners(sizes.at(-1)!, scratch)
      const all: Measured[] = []
      if (!run.quick) await warmUp(run, joiners, scratch)
      for (const size of sizes) {
        all.push({ size, samples: await measure(run, joiners.slice(0, size), scratch) })
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

/** Runs the trials of one size. Each round has five of ours and one of raw. */
async function measure(run: Run, joiners: readonly Joiner[], scratch: Scratch): Promise<Measured['samples']> {
  const rounds = TARGETS.includes(joiners.length) ? 10 : 2
  const several = async (contender: JoinerContender, count: number) => {
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

/** @throws Error when no two peers met in any trial: the benchmark is broken */
function verified(trials: readonly Trial[]): readonly Trial[] {
  if (trials.some(({ pairs }) => pairs > 0)) return trials
  throw new Error('no two peers met in any trial of ours')
}

async function trial(
  contender: JoinerContender,
  joiners: readonly Joiner[],
  patience: number,
  scratch: Scratch
): Promise<Trial> {
  const ids = await openJoiners(joiners, contender, scratch)
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
    // Asked once more, all at the same time: a connection may have closed while others were waited for.
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

/** The share of the pairs whose ends both say that they met. */
function shareOfPairs(ids: readonly string[], met: readonly string[][]): number {
  let pairs = 0
  for (const [i, id] of ids.entries()) {
    for (const [j, other] of ids.slice(0, i).entries()) {
      if (met[i]!.includes(other) && met[j]!.includes(id)) pairs++
    }
  }
  return pairs / ((ids.length * (ids.length - 1)) / 2)
}

function seriesOfSize({ size, samples }: Measured): Series[] {
  const processes = `${size} processes`
  return [
    ...seriesOf({ what: `${processes}: pairs that met`, unit: '%' }, samples, ({ pairs }) => pairs * 100),
    ...seriesOf(
      { what: `${processes}: time to a full mesh, where there was one`, unit: 'ms' },
      samples,
      ({ ms }) => ms
    )
  ]
}

function targetOf({ size, samples }: Measured): Target {
  const what = `${size} processes: trials with a full mesh within ${PATIENCE / 1_000} s`
  return { what, value: shareOf(samples.ours), unit: '%', atLeast: 100 }
}

function sharePlot(all: readonly Measured[]): Growth {
  const shares = all.map(({ size, samples: { ours, raw } }) => {
    return { size, samples: { ours: [shareOf(ours)], raw: [shareOf(raw)] } }
  })
  return growthOf({ what: 'Trials with a full mesh', x: 'processes', y: '%' }, shares, Number)
}

function timePlot(all: readonly Measured[]): Growth {
  const what = 'Time to a full mesh, where there was one'
  return growthOf({ what, x: 'processes', y: 'ms' }, all, ({ ms }) => ms)
}

function rawRemark(all: readonly Measured[]): string {
  const reached = all.map(({ size, samples: { raw } }) => {
    return `${timesOf(raw).length} of ${raw.length} trials with ${size} processes`
  })
  return `Raw reached a full mesh in ${reached.join(', ')}. A peer that looks up before
the others' announcements are stored asks again only after ten minutes. The networker's transport asks again soon, and then
less and less often.`
}

/** Tells where the time goes, once there are more processes than cores. */
function cpuRemark({ size, samples: { ours } }: Measured): string {
  const full = ours.filter(({ ms }) => ms !== undefined)
  if (full.length === 0) return 'No trial of ours reached a full mesh.'
  const seconds = summarize(timesOf(full)).median / 1_000
  const cpu = summarize(full.map((trial) => trial.cpu)).median
  const cores = availableParallelism()
  const share = (cpu / (seconds * cores)) * 100
  return `${size} processes of ours took ${seconds.toFixed(2)} s to a full mesh, and ${cpu.toFixed(2)} s of CPU time together: ${share.toFixed(0)} % of what ${cores} cores offer in that time.
Where other programs keep the cores busy, it takes longer.`
}

function timesOf(trials: readonly Trial[]): number[] {
  return trials.flatMap(({ ms }) => ms ?? [])
}

/** The trials with a full mesh, in percent. */
function shareOf(trials: readonly Trial[]): number {
  return (timesOf(trials).length / trials.length) * 100
}
