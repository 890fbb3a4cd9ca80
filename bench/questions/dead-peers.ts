import { randomBytes } from 'node:crypto'
import { alternate } from '../harness/alternate.js'
import type { Growth, Question, Run, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { pointsAt, seriesOf, type Value } from '../harness/series.js'
import { summarize } from '../harness/statistics.js'
import type { AnnouncerHandlers } from '../processes/announcers.js'
import type { JoinerHandlers } from '../processes/joiner.js'

const ANNOUNCERS = new URL('../processes/announcers.ts', import.meta.url)
const JOINER = new URL('../processes/joiner.ts', import.meta.url)
const MOST = 9
const DEAD = [0, 2, 4, 6, MOST]
/** Trials at the same time. */
const AT_ONCE = 5
/** Milliseconds after which a peer that lives counts as never found. */
const PATIENCE = 120_000
const LIVING = 'Time until the living peer is there'
const RESOLVED = 'Time until it resolves'

type Contender = 'ours' | 'raw'

interface Trial {
  /** Seconds until the living peer was there. */
  readonly living: number
  /** Seconds until it resolved, undefined when that was not waited for. */
  readonly resolved: number | undefined
}

interface Measured {
  readonly dead: number
  readonly trials: Readonly<Record<Contender, readonly Trial[]>>
}

export const deadPeers: Question = {
  name: 'dead-peers',
  id: 'Q10',
  asks: 'What do dead peers cost?',
  how: `${MOST + 1} peers have announced a topic in a DHT of 10 nodes; the process of ${MOST} of them is killed. Then a fresh peer, which has
entered the DHT, does \`await networker.configure(topic)\`, or \`swarm.join(topic)\` and \`await swarm.flush()\`. The
living peer is there when both ends have answered on a Protomux channel; its public key is compared. ${AT_ONCE} trials,
each with a topic and processes of its own, run at the same time, since they do little but wait. With \`--quick\` two
peers are dead, and only the living one is waited for.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const all: Measured[] = []
      for (const dead of run.quick ? [2] : DEAD) all.push({ dead, trials: await measure(run, dead, scratch) })
      const most = all.at(-1)!
      return {
        series: [
          ...seriesOf({ what: LIVING, unit: 's' }, most.trials, ({ living }) => living),
          ...seriesOf({ what: RESOLVED, unit: 's' }, most.trials, ({ resolved }) => resolved)
        ],
        targets: targetsOf(most),
        growth: [
          plot(LIVING, all, ({ living }) => living),
          plot(RESOLVED, all, ({ resolved }) => resolved)
        ].filter(({ points }) => points.length > 0),
        remarks: run.quick ? [] : [remark(all)]
      }
    })
  }
}

/** Each contender in its turn. */
async function measure(run: Run, dead: number, scratch: Scratch): Promise<Measured['trials']> {
  const turn = (contender: Contender) => () => atOnce(contender, dead, run.quick, scratch)
  const rounds = dead === MOST && !run.quick ? 2 : 1
  const { ours, raw } = await alternate(
    run,
    { ours: turn('ours'), raw: turn('raw') },
    { trials: rounds, warmup: 0 }
  )
  return { ours: ours.flat(), raw: raw.flat() }
}

/** Trials that begin at the same time. */
async function atOnce(
  contender: Contender,
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

/** Announces a topic, and kills most of who did. @returns what looks it up */
async function prepare(
  contender: Contender,
  dead: number,
  flush: boolean,
  { directory, testnet: { bootstrap }, start }: Scratch
): Promise<() => Promise<Trial>> {
  const topic = randomBytes(32)
  const [living, looking] = [start<JoinerHandlers>(JOINER), start<JoinerHandlers>(JOINER)]
  const announcers = start<AnnouncerHandlers>(ANNOUNCERS)
  const [id] = await Promise.all([
    ...[living, looking].map((joiner) => joiner.ask('open', { contender, bootstrap, directory })),
    announcers.ask('announce', { bootstrap, topic, count: dead })
  ])
  await announcers.kill()
  await living.ask('join', topic, { announce: true, lookup: false, flush: true })

  return async () => {
    const begun = performance.now()
    const joined = looking.ask('join', topic, { announce: true, lookup: true, flush })
    const met = await looking.ask('meet', 1, PATIENCE)
    const ms = performance.now() - begun
    if (met.join() !== id) throw new Error(`${contender} met ${met.join() || 'nobody'} instead of who lives`)
    const resolved = (await joined) / 1_000
    await Promise.all([living, looking].map((joiner) => joiner.kill()))
    return { living: ms / 1_000, resolved: flush ? resolved : undefined }
  }
}

function resolvedOf(trials: readonly Trial[]): number[] {
  return trials.flatMap(({ resolved }) => resolved ?? [])
}

function targetsOf({ trials: { ours } }: Measured): Target[] {
  const living = ours.map((trial) => trial.living)
  const resolved = resolvedOf(ours)
  const target = timeTarget('time until the living peer is there', living, 1.5)
  return resolved.length > 0 ? [target, timeTarget('time until it resolves', resolved, 10)] : [target]
}

function timeTarget(what: string, samples: readonly number[], atMost: number): Target {
  const { median, low, high } = summarize(samples)
  return { what, value: median, spread: [low, high], unit: 's', atMost }
}

function plot(what: string, all: readonly Measured[], time: Value<Trial>): Growth {
  return {
    what,
    x: 'dead peers',
    y: 's',
    points: all.flatMap(({ dead, trials }) => pointsAt(dead, trials, time))
  }
}

/** From the fewest dead peers to the most. */
function remark(all: readonly Measured[]): string {
  const [few, most] = [all.find(({ dead }) => dead > 0)!, all.at(-1)!]
  const [ours, raw] = (['ours', 'raw'] as const).map((contender) => {
    const [from, to] = [few, most].map(({ trials }) => summarize(resolvedOf(trials[contender])).median)
    return `from ${from!.toFixed(1)} s to ${to!.toFixed(1)} s`
  })
  return `From ${few.dead} dead peers to ${most.dead}, the time until it resolves goes ${ours} with the networker, and ${raw} with raw: a dial
to a dead peer ends only when HyperDHT gives it up. The networker's transport dials them all at the same time, Hyperswarm
by itself a few, so that with raw the living peer may wait for its turn behind dead ones: the order is left to chance.
Who does not want to wait passes \`flush: false\` or a signal.`
}
