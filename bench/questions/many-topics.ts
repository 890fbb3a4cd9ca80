import { alternate } from '../harness/alternate.js'
import type { Contender, Growth, Question, Run, Series, Target } from '../harness/question.js'
import { withScratch } from '../harness/scratch.js'
import { growthOf, linearTarget } from '../harness/series.js'
import { medianTarget, ratio, summarize } from '../harness/statistics.js'
import { type TopicCost, TopicTrials } from '../processes/handles/topic-trials.js'

/** How much is measured. */
interface Work {
  /** Numbers of topics; the largest comes last. */
  readonly sizes: readonly number[]
  /** Trials of the largest size. */
  readonly trials: number
  /** Trials of each other size. */
  readonly growth: number
}

const MEMORY: Work = { sizes: [1_000, 2_500, 5_000, 7_500, 10_000], trials: 5, growth: 3 }
const DHT: Work = { sizes: [10, 25, 50, 100, 500], trials: 2, growth: 1 }
const QUICK_MEMORY: Work = { sizes: [100], trials: 1, growth: 1 }
const QUICK_DHT: Work = { sizes: [5], trials: 1, growth: 1 }
/** Memory that the networker may hold for a topic (bytes). */
const HEAP = 1_024

type Sizes<Name extends string> = readonly {
  readonly size: number
  readonly samples: Record<Name, TopicCost[]>
}[]

interface OnMemory {
  readonly sizes: Sizes<'ours' | 'bare'>
  /** At the largest size, over a transport that does nothing. */
  readonly own: Record<'alone' | 'flushing', TopicCost[]>
}
type OnDht = Sizes<'ours' | 'raw'>

export const manyTopics: Question = {
  name: 'many-topics',
  id: 'Q6',
  asks: 'What do many topics cost?',
  how: `A process announces and looks up all topics at once, with \`flush: false\`. When all are flushed, it closes. Each trial
starts a process of its own, which warms up first. The heap is V8's, with the array buffers beside it, collected until it
shrinks no more, less what it was before the topics.

On the memory network, **bare** is that network's transport without a networker. The networker's own heap is measured over a
transport that does nothing: once with all topics flushed, and once with none flushed, as while a DHT is slow to answer.

On the DHT of 10 nodes, **raw** is \`swarm.join\` and \`session.flushed()\` for each topic. Another node looks up some of the
topics after they were flushed, and has to find the process. It looks them up once more after the close.`,
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
  const of = (contender: Parameters<TopicTrials['onMemory']>[0], size: number) => () =>
    trials.onMemory(contender, size)
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

async function eachSize<Samples>(
  { sizes, trials, growth }: Work,
  measure: (size: number, trials: number) => Promise<Samples>
): Promise<{ size: number; samples: Samples }[]> {
  const all: { size: number; samples: Samples }[] = []
  for (const size of sizes) {
    all.push({ size, samples: await measure(size, size === sizes.at(-1) ? trials : growth) })
  }
  return all
}

function memorySeries({ sizes, own: { alone, flushing } }: OnMemory): Series[] {
  const { size, samples } = sizes.at(-1)!
  const { ours, bare } = samples
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
  const { size, samples } = dht.at(-1)!
  return (['ours', 'raw'] as const).flatMap((contender) => {
    const all = samples[contender]
    return [
      series(contender, `${size} topics, DHT: until flushed`, 's', all, ({ flush }) => flush / 1_000),
      series(contender, `${size} topics, DHT: until closed`, 's', all, ({ close }) => close / 1_000),
      series(contender, 'Heap per topic, DHT', 'bytes', all, perTopic('heap', size)),
      series(contender, 'Announcements found after the close', '%', all, ({ found }) => found * 100)
    ]
  })
}

function targets({ sizes, own }: OnMemory, dht: OnDht): Target[] {
  const heap = own.alone.map(perTopic('heap', sizes.at(-1)!.size))
  const { size, samples } = dht.at(-1)!
  const flushed = [samples.ours, samples.raw].map((all) => all.map(({ flush }) => flush))
  return [
    linearTarget('time to configure', 'topic', sizes, ({ begin }) => begin),
    linearTarget('time to close', 'topic', sizes, ({ close }) => close),
    linearTarget('heap', 'topic', sizes, ({ heap }) => heap),
    medianTarget("the networker's own heap per topic", 'bytes', heap, { atMost: HEAP }),
    ratio(`time until ${size} topics are flushed on the DHT, ours to raw`, flushed[0]!, flushed[1]!, {
      atMost: 1.05
    })
  ]
}

function growth({ sizes }: OnMemory, dht: OnDht): Growth[] {
  const x = 'topics'
  return [
    growthOf({ what: 'Time to configure on the memory network', x, y: 'ms' }, sizes, ({ begin }) => begin),
    growthOf({ what: 'Time to close on the memory network', x, y: 'ms' }, sizes, ({ close }) => close),
    growthOf({ what: 'Heap with the memory network', x, y: 'KiB' }, sizes, ({ heap }) => heap / 1_024),
    growthOf({ what: 'Time until flushed on the DHT', x, y: 's' }, dht, ({ flush }) => flush / 1_000)
  ]
}

function memoryRemark({ sizes, own }: OnMemory): string {
  const { size, samples } = sizes.at(-1)!
  const [ours, bare, alone, flushing] = [samples.ours, samples.bare, own.alone, own.flushing].map((all) =>
    Math.round(summarize(all.map(perTopic('heap', size))).median)
  )
  return `A topic holds ${ours} bytes on the memory network. The network itself holds ${bare} of them, as it does with the bare transport. Over a
transport that does nothing, the networker holds ${alone} bytes. While a topic is being flushed it holds ${flushing}: the topic then has a
signal of its own, by which leaving it ends the flush.`
}

function dhtRemark(dht: OnDht): string {
  const { size, samples } = dht.at(-1)!
  const [ours, raw] = [samples.ours, samples.raw].map(
    (all) => summarize(all.map(({ found }) => found * 100)).median
  )
  return `Queries that all begin at once hold each other up, since a DHT node has few requests in flight at a time. Ours begins
some queries when others are done. Ours also bounds the time for unannouncing, which raw does not: after ${size} topics were
closed, ${Math.round(ours!)} % of the announcements were still found with ours, and ${Math.round(raw!)} % with raw. They expire by themselves.`
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
