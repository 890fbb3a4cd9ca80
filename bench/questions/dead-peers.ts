import { randomBytes } from 'node:crypto'
import { alternate } from '../harness/alternate.js'
import type { Question, Run, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { growthOf, seriesOf } from '../harness/series.js'
import { medianTarget, summarize } from '../harness/statistics.js'
import type { AnnouncerHandlers } from '../processes/announcers.js'
import { each, type JoinerContender, openJoiners, startJoiners } from '../processes/handles/joiners.js'

const ANNOUNCERS = new URL('../processes/announcers.ts', import.meta.url)
const MOST = 9
const DEAD = [0, 2, 4, 6, MOST]
/** Trials that run at the same time. */
const AT_ONCE = 5
/** Longest time until the living peer is found (ms). After it the trial fails. */
const PATIENCE = 120_000
const LIVING = 'Time until the living peer is there'
const RESOLVED = 'Time until the call resolves'

interface Trial {
  /** Seconds until the living peer was there. */
  readonly living: number
  /** Seconds until the call resolved; undefined when that was not waited for. */
  readonly resolved: number | undefined
}

interface Measured {
  /** How many peers were dead. */
  readonly size: number
  readonly samples: Readonly<Record<JoinerContender, readonly Trial[]>>
}

export const deadPeers: Question = {
  name: 'dead-peers',
  id: 'Q10',
  asks: 'What do dead peers cost?',
  how: `${MOST + 1} peers announce a topic in a DHT of 10 nodes; then the process of ${MOST} of them is killed. A new peer, which has
entered the DHT, calls \`await networker.configure(topic)\`, or \`swarm.join(topic)\` and \`await swarm.flush()\`. The living
peer counts as there when both ends have answered on a Protomux channel; its public key is compared. ${AT_ONCE} trials run at
the same time, each with a topic and processes of its own, since they do little but wait. With \`--quick\` two peers are
dead, and only the living one is waited for.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const all: Measured[] = []
      for (const dead of run.quick ? [2] : DEAD) {
        all.push({ size: dead, samples: await measure(run, dead, scratch) })
      }
      const most = all.at(-1)!
      const labels = { x: 'dead peers', y: 's' }
      return {
        series: [
          ...seriesOf({ what: LIVING, unit: 's' }, most.samples, ({ living }) => living),
          ...seriesOf({ what: RESOLVED, unit: 's' }, most.samples, ({ resolved }) => resolved)
        ],
        targets: targetsOf(most),
        growth: [
          growthOf({ what: LIVING, ...labels }, all, ({ living }) => living),
          growthOf({ what: RESOLVED, ...labels }, all, ({ resolved }) => resolved)
        ].filter(({ points }) => points.length > 0),
        remarks: run.quick ? [] : [remark(all)]
      }
    })
  }
}

/** Runs the trials of both contenders, one contender after the other. */
async function measure(run: Run, dead: number, scratch: Scratch): Promise<Measured['samples']> {
  const turn = (contender: JoinerContender) => () => atOnce(contender, dead, run.quick, scratch)
  const rounds = dead === MOST && !run.quick ? 2 : 1
  const { ours, raw } = await alternate(
    run,
    { ours: turn('ours'), raw: turn('raw') },
    { trials: rounds, warmup: 0 }
  )
  return { ours: ours.flat(), raw: raw.flat() }
}

/** Prepares trials, and begins them at the same time. */
async function atOnce(
  contender: JoinerContender,
  dead: number,
  quick: boolean,
  scratch: Scratch
): Promise<Trial[]> {
  const count = quick ? 1 : AT_ONCE
  const trials = await Promise.all(
    Array.from({ length: count }, () => prepare(contender, dead, !quick, scratch))
  )
  return Promise.all(trials.map((trial) => trial()))
}

/** Lets peers announce a topic, and kills all of them but one. @returns the trial, which looks the topic up */
async function prepare(
  contender: JoinerContender,
  dead: number,
  flush: boolean,
  scratch: Scratch
): Promise<() => Promise<Trial>> {
  const { testnet, start } = scratch
  const topic = randomBytes(32)
  const joiners = startJoiners(2, scratch)
  const [living, looking] = [joiners[0]!, joiners[1]!]
  const announcers = start<AnnouncerHandlers>(ANNOUNCERS)
  const [[id]] = await Promise.all([
    openJoiners(joiners, contender, scratch),
    announcers.ask('announce', { bootstrap: testnet.bootstrap, topic, count: dead })
  ])
  await announcers.kill()
  await living.ask('join', topic, { announce: true, lookup: false, flush: true })

  return async () => {
    const begun = performance.now()
    const joined = looking.ask('join', topic, { announce: true, lookup: true, flush })
    const met = await looking.ask('meet', 1, PATIENCE)
    const ms = performance.now() - begun
    if (met.join() !== id)
      throw new Error(`${contender} met ${met.join() || 'nobody'} instead of the living peer`)
    const resolved = (await joined) / 1_000
    await each(joiners, (joiner) => joiner.kill())
    return { living: ms / 1_000, resolved: flush ? resolved : undefined }
  }
}

function resolvedOf(trials: readonly Trial[]): number[] {
  return trials.flatMap(({ resolved }) => resolved ?? [])
}

function targetsOf({ samples: { ours } }: Measured): Target[] {
  const living = ours.map((trial) => trial.living)
  const resolved = resolvedOf(ours)
  const target = medianTarget('time until the living peer is there', 's', living, { atMost: 1.5 })
  if (resolved.length === 0) return [target]
  return [target, medianTarget('time until the call resolves', 's', resolved, { atMost: 10 })]
}

/** Tells how the time grows from the fewest dead peers to the most. */
function remark(all: readonly Measured[]): string {
  const [few, most] = [all.find(({ size }) => size > 0)!, all.at(-1)!]
  const [ours, raw] = (['ours', 'raw'] as const).map((contender) => {
    const [from, to] = [few, most].map(({ samples }) => summarize(resolvedOf(samples[contender])).median)
    return `from ${from!.toFixed(1)} s to ${to!.toFixed(1)} s`
  })
  return `From ${few.size} dead peers to ${most.size}, the time until the call resolves goes ${ours} with ours, and ${raw} with raw. A dial
to a dead peer ends only when HyperDHT gives it up. The networker's transport dials all peers at the same time. Hyperswarm
by itself dials a few at a time, so with raw the living peer may wait behind dead ones, as chance orders them. Pass
\`flush: false\` or a signal where you do not want to wait.`
}
