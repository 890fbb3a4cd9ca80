import { alternate } from '../harness/alternate.js'
import type { Contender, Growth, Question, Run, Series, Target } from '../harness/question.js'
import { withScratch } from '../harness/scratch.js'
import { ratio, summarize } from '../harness/statistics.js'
import { type TopicCost, TopicTrials } from '../processes/handles/topic-trials.js'

/** How many of what; the largest size comes last and has the trials, the others have `growth` of them. */
interface Work {
  readonly sizes: readonly number[]
  readonly trials: number
  readonly growth: number
}

const MEMORY: Work = { sizes: [1_000, 2_500, 5_000, 7_500, 10_000], trials: 5, growth: 3 }
const DHT: Work = { sizes: [10, 25, 50, 100, 500], trials: 2, growth: 1 }
const QUICK_MEMORY: Work = { sizes: [100], trials: 1, growth: 1 }
const QUICK_DHT: Work = { sizes: [5], trials: 1, growth: 1 }
/** Bytes a topic. */
const HEAP = 1_024

type Sizes<Who extends string> = readonly {
  readonly size: number
  readonly costs: Record<Who, TopicCost[]>
}[]

interface OnMemory {
  readonly sizes: Sizes<'ours' | 'bare'>
  /** Of the largest size, over a transport that does nothing. */
  readonly own: Record<'alone' | 'flushing', TopicCost[]>
}
type OnDht = Sizes<'ours' | 'raw'>

export const manyTopics: Question = {
  name: 'many-topics',
  id: 'Q6',
  asks: 'What do many topics cost?',
  how: `A process configures all topics at once with \`flush: false\`, announcing and looking up, and is watched until all
are flushed; then it closes. On the memory network **bare** is that network's transport without a networker. The heap is
V8's, with what array buffers hold beside it, collected until nothing more goes, less what it was before the topics
came; each trial has a process of its own, which has warmed up. The networker's own heap is that over a transport that
does nothing, once with all topics flushed, and once with none, as while a DHT is slow to answer. On the DHT of 10 nodes
**raw** is \`swarm.join\` and \`session.flushed()\` for each topic. From another node, some of the topics are looked up
after they were flushed, which must find the process, and once more after its close.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const trials = new TopicTrials(scratch, run.quick)
      const memory = await onMemory(run, trials)
      const dht = await onDht(run, trials)
      return {
        series: [...memorySeries(memory), ...dhtSeries(dht)],
        targets: targets(memory, dht),
        growth: growth(memory, dht),
        remarks: [memoryRemark(memory), dhtRemark(dht)]
      }
    })
  }
}

async function onMemory(run: Run, trials: TopicTrials): Promise<OnMemory> {
  const work = run.quick ? QUICK_MEMORY : MEMORY
  const largest = work.sizes.at(-1)!
  const of = (who: keyof OnMemory['own'] | 'ours' | 'bare', size: number) => () => trials.onMemory(who, size)
  const sizes = await eachSize(work, (size, times) =>
    alternate(run, { ours: of('ours', size), bare: of('bare', size) }, { trials: times, warmup: 0 })
  )
  const own = { alone: of('alone', largest), flushing: of('flushing', largest) }
  return { sizes, own: await alternate(run, own, { trials: work.trials, warmup: 0 }) }
}

async function onDht(run: Run, trials: TopicTrials): Promise<OnDht> {
  return eachSize(run.quick ? QUICK_DHT : DHT, (size, times) =>
    alternate(
      run,
      { ours: () => trials.onDht('ours', size), raw: () => trials.onDht('raw', size) },
      { trials: times, warmup: 0 }
    )
  )
}

async function eachSize<Costs>(
  { sizes, trials, growth }: Work,
  measure: (size: number, trials: number) => Promise<Costs>
): Promise<{ size: number; costs: Costs }[]> {
  const all: { size: number; costs: Costs }[] = []
  for (const size of sizes) {
    all.push({ size, costs: await measure(size, size === sizes.at(-1) ? trials : growth) })
  }
  return all
}

function memorySeries({ sizes, own: { alone, flushing } }: OnMemory): Series[] {
  const { size, costs } = sizes.at(-1)!
  const { ours, bare } = costs
  const [time, heap] = [`${size} topics, memory network`, 'Heap per topic']
  return [
    series('ours', `${time}: until configured`, 'ms', ours, ({ begin }) => begin),
    series('bare', `${time}: until configured`, 'ms', bare, ({ begin }) => begin),
    series('ours', `${time}: until flushed`, 'ms', ours, ({ flush }) => flush),
    series('bare', `${time}: until flushed`, 'ms', bare, ({ flush }) => flush),
    series('ours', `${time}: until closed`, 'ms', ours, ({ close }) => close),
    series('bare', `${time}: until closed`, 'ms', bare, ({ close }) => close),
    series('ours', `${heap}, with the memory network's part`, 'bytes', ours, perTopic('heap', size)),
    series('bare', `${heap}, with the memory network's part`, 'bytes', bare, perTopic('heap', size)),
    series('ours', `${heap}, the networker's own, flushed`, 'bytes', alone, perTopic('heap', size)),
    series('ours', `${heap}, the networker's own, while flushing`, 'bytes', flushing, perTopic('heap', size)),
    series('ours', `${heap}, left after the close`, 'bytes', ours, perTopic('left', size))
  ]
}

function dhtSeries(dht: OnDht): Series[] {
  const { size, costs } = dht.at(-1)!
  return (['ours', 'raw'] as const).flatMap((who) => {
    const all = costs[who]
    return [
      series(who, `${size} topics, DHT: until flushed`, 's', all, ({ flush }) => flush / 1_000),
      series(who, `${size} topics, DHT: until closed`, 's', all, ({ close }) => close / 1_000),
      series(who, 'Heap per topic, DHT', 'bytes', all, perTopic('heap', size)),
      series(who, 'Announcements found after the close', '%', all, ({ found }) => found * 100)
    ]
  })
}

function targets({ sizes, own }: OnMemory, dht: OnDht): Target[] {
  const [small, large] = [sizes[0]!, sizes.at(-1)!]
  const linear = (what: string, of: (cost: TopicCost) => number) => {
    const each = ({ size, costs }: OnMemory['sizes'][number]) => costs.ours.map((cost) => of(cost) / size)
    return ratio(`${what} a topic of ${large.size} to one of ${small.size}`, each(large), each(small), {
      atMost: 1.5
    })
  }
  const heap = summarize(own.alone.map(perTopic('heap', large.size)))
  const { size, costs } = dht.at(-1)!
  const flushed = [costs.ours, costs.raw].map((all) => all.map(({ flush }) => flush))
  return [
    linear('time to configure', ({ begin }) => begin),
    linear('time to close', ({ close }) => close),
    linear('heap', ({ heap }) => heap),
    {
      what: "the networker's own heap per topic",
      value: heap.median,
      spread: [heap.low, heap.high],
      unit: 'bytes',
      atMost: HEAP
    },
    ratio(`time until ${size} topics are flushed on the DHT, ours to raw`, flushed[0]!, flushed[1]!, {
      atMost: 1.05
    })
  ]
}

function growth({ sizes }: OnMemory, dht: OnDht): Growth[] {
  return [
    plot('Time to configure on the memory network', 'ms', sizes, ['ours', 'bare'], ({ begin }) => begin),
    plot('Time to close on the memory network', 'ms', sizes, ['ours', 'bare'], ({ close }) => close),
    plot('Heap with the memory network', 'KiB', sizes, ['ours', 'bare'], ({ heap }) => heap / 1_024),
    plot('Time until flushed on the DHT', 's', dht, ['ours', 'raw'], ({ flush }) => flush / 1_000)
  ]
}

function plot<Who extends Contender>(
  what: string,
  y: string,
  sizes: Sizes<Who>,
  contenders: readonly Who[],
  of: (cost: TopicCost) => number
): Growth {
  const points = sizes.flatMap(({ size, costs }) =>
    contenders.map((contender) => ({ contender, x: size, samples: costs[contender].map(of) }))
  )
  return { what, x: 'topics', y, points }
}

function memoryRemark({ sizes, own }: OnMemory): string {
  const { size, costs } = sizes.at(-1)!
  const [ours, bare, alone, flushing] = [costs.ours, costs.bare, own.alone, own.flushing].map((all) =>
    Math.round(summarize(all.map(perTopic('heap', size))).median)
  )
  return `Of the ${ours} bytes that a topic holds on the memory network, ${bare} are that network's own, which the bare
transport holds too; over a transport that does nothing the networker holds ${alone}. As long as a topic is being flushed
that is ${flushing}: it has a signal of its own, by which leaving the topic ends the flush.`
}

function dhtRemark(dht: OnDht): string {
  const { size, costs } = dht.at(-1)!
  const [ours, raw] = [costs.ours, costs.raw].map(
    (all) => summarize(all.map(({ found }) => found * 100)).median
  )
  return `Queries that all begin at once hold each other up, since a DHT node has few requests in flight at a time; ours
begins some when others are done. Closing ${size} topics, ours bounds the time for unannouncing and raw does not: afterwards
${Math.round(ours!)} % of the announcements were still found with ours, and ${Math.round(raw!)} % with raw. They expire by themselves.`
}

function series(
  contender: Contender,
  what: string,
  unit: string,
  costs: readonly TopicCost[],
  of: (cost: TopicCost) => number
): Series {
  return { contender, what, unit, samples: costs.map(of) }
}

function perTopic(what: 'heap' | 'left', size: number): (cost: TopicCost) => number {
  return (cost) => cost[what] / size
}
