import { alternate } from '../harness/alternate.js'
import type { Child } from '../harness/child.js'
import type { Growth, Question, Run, Series, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { pointsAt, seriesOf, type Value } from '../harness/series.js'
import { ratio, summarize } from '../harness/statistics.js'
import type { ManyPeersHandlers, PeersCost } from '../processes/many-peers.js'

const PEER = new URL('../processes/many-peers.ts', import.meta.url)
const SIZES = [50, 125, 250, 375, 500]
const CONTENDERS = ['ours', 'raw', 'bare'] as const
/** Bytes a peer, beyond what the layer below holds. */
const HEAP = 4_096

type Costs = Readonly<Record<(typeof CONTENDERS)[number], readonly PeersCost[]>>
type Sizes = readonly { readonly size: number; readonly costs: Costs }[]

export const manyPeers: Question = {
  name: 'many-peers',
  id: 'Q7',
  asks: 'What do many peers cost?',
  how: `Peers announce a topic on a memory network; then one looks it up, is connected to all, and in the end closes. That
one is a networker with a Corestore and an extension that all peers have (**ours**), a Corestore that replicates on the
streams that the same transport hands over (**raw**), or nothing but a Protomux on each of these streams (**bare**); all
with the keep-alive that Hyperswarm sets. They are in one process, which each trial has for itself and which has warmed
up. The others are the least that can be: a transport with its Noise streams, on which they say what was recorded from
one of ours. So they hold the same whoever is at the other end, and what is more than with bare is held by the
networker. The heap is V8's, with what array buffers hold beside it, collected until nothing more goes, less what it was
before the first connection. The public keys of those connected are compared with those who announced, and of ours each
has to open the extension.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const sizes = await eachSize(run, scratch)
      return {
        series: series(sizes),
        targets: targets(sizes),
        growth: growth(sizes),
        remarks: [remark(sizes)]
      }
    })
  }
}

async function eachSize(run: Run, { directory, start }: Scratch): Promise<Sizes> {
  const newChild = () => start<ManyPeersHandlers>(PEER, { execArgv: ['--expose-gc'] })
  const shared = run.quick ? newChild() : undefined
  const trial = async (who: (typeof CONTENDERS)[number], size: number) => {
    const child: Child<ManyPeersHandlers> = shared ?? newChild()
    const cost = await child.ask('measure', { who, directory }, size, run.quick ? 2 : 40)
    if (!shared) await child.kill()
    return cost
  }
  const all: { size: number; costs: Costs }[] = []
  for (const size of run.quick ? [20] : SIZES) {
    const contenders = {
      ours: () => trial('ours', size),
      raw: () => trial('raw', size),
      bare: () => trial('bare', size)
    }
    const trials = run.quick ? 1 : size === SIZES.at(-1) ? 7 : 3
    all.push({ size, costs: await alternate(run, contenders, { trials, warmup: 0 }) })
  }
  return all
}

function series(sizes: Sizes): Series[] {
  const { size, costs } = sizes.at(-1)!
  const of = (what: string, unit: string, value: Value<PeersCost>): Series[] =>
    seriesOf({ what, unit }, costs, value)
  const bare = summarize(costs.bare.map(({ heap }) => heap / size)).median
  return [
    ...of(`Time to connect to ${size} peers`, 'ms', ({ connect }) => connect),
    ...of('Time to close', 'ms', ({ close }) => close),
    ...of('Heap per peer, both ends', 'bytes', ({ heap }) => heap / size),
    ...of('Heap per peer beyond bare', 'bytes', ({ heap }) => heap / size - bare).slice(0, 2),
    ...of('Heap per peer, left after the close', 'bytes', ({ left }) => left / size)
  ]
}

function targets(sizes: Sizes): Target[] {
  const [small, large] = [sizes[0]!, sizes.at(-1)!]
  const linear = (what: string, of: (cost: PeersCost) => number) => {
    const each = ({ size, costs }: Sizes[number]) => costs.ours.map((cost) => of(cost) / size)
    return ratio(`${what} a peer of ${large.size} to one of ${small.size}`, each(large), each(small), {
      atMost: 1.5
    })
  }
  const { ours, bare } = large.costs
  const own = summarize(ours.map(({ heap }, trial) => (heap - bare[trial]!.heap) / large.size))
  return [
    linear('time to connect', ({ connect }) => connect),
    linear('time to close', ({ close }) => close),
    linear('heap', ({ heap }) => heap),
    {
      what: 'heap per peer beyond the Noise stream and Protomux',
      value: own.median,
      spread: [own.low, own.high],
      unit: 'bytes',
      atMost: HEAP
    }
  ]
}

function growth(sizes: Sizes): Growth[] {
  const plot = (what: string, y: string, of: Value<PeersCost>): Growth => {
    const points = sizes.flatMap(({ size, costs }) => pointsAt(size, costs, of))
    return { what, x: 'peers', y, points }
  }
  return [
    plot('Time to connect', 'ms', ({ connect }) => connect),
    plot('Time to close', 'ms', ({ close }) => close),
    plot('Heap of both ends', 'MiB', ({ heap }) => heap / 1_024 ** 2)
  ]
}

function remark(sizes: Sizes): string {
  const { size, costs } = sizes.at(-1)!
  const [ours, raw, bare] = CONTENDERS.map((who) =>
    Math.round(summarize(costs[who].map(({ heap }) => heap / size)).median)
  ) as [number, number, number]
  return `Of the ${ours - bare} bytes that a peer adds to bare, ${raw - bare} are what Corestore keeps for each stream, which raw
has too; the rest is the networker's peer and its channel on Protomux, with what Protomux keeps for an open channel.`
}
