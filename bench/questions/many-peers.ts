import { alternate } from '../harness/alternate.js'
import type { Child } from '../harness/child.js'
import type { Growth, Question, Run, Series, Target } from '../harness/question.js'
import { type Scratch, withScratch } from '../harness/scratch.js'
import { growthOf, linearTarget, seriesOf, type Value } from '../harness/series.js'
import { medianTarget, summarize } from '../harness/statistics.js'
import type { HubOptions, ManyPeersHandlers, PeersCost } from '../processes/many-peers.js'

const PROGRAM = new URL('../processes/many-peers.ts', import.meta.url)
const SIZES = [50, 125, 250, 375, 500]
const CONTENDERS = ['ours', 'raw', 'bare'] as const
/** Memory that the networker may hold for a peer, beyond what the layer below holds (bytes). */
const HEAP = 4_096

type Costs = Readonly<Record<HubOptions['contender'], readonly PeersCost[]>>
type Sizes = readonly { readonly size: number; readonly samples: Costs }[]

export const manyPeers: Question = {
  name: 'many-peers',
  id: 'Q7',
  asks: 'What do many peers cost?',
  how: `Peers announce a topic on a memory network. A hub looks it up, is connected to all of them, and closes in the end.
The hub is a networker with a Corestore and one extension (**ours**), a Corestore that replicates on the streams of the
same transport (**raw**), or nothing but a Protomux on each of these streams (**bare**). All have the keep-alive that
Hyperswarm sets.

The hub and its peers share one process, which each trial starts anew and which has warmed up. The peers are as small as
can be: a transport, and Noise streams to which they write a recorded greeting of ours. They hold the same whatever hub they
have, so what ours holds beyond bare is the networker's. The heap is V8's, with the array buffers beside it, collected
until it shrinks no more, less what it was before the first connection. The public keys of the connected peers are compared
with those of the peers that announced. With ours, each peer has to open the extension, too.`,
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
  const newChild = () => start<ManyPeersHandlers>(PROGRAM, { execArgv: ['--expose-gc'] })
  const shared = run.quick ? newChild() : undefined
  const trial = async (contender: HubOptions['contender'], size: number) => {
    const child: Child<ManyPeersHandlers> = shared ?? newChild()
    const cost = await child.ask('measure', { contender, directory }, size, run.quick ? 2 : 40)
    if (!shared) await child.kill()
    return cost
  }
  const all: { size: number; samples: Costs }[] = []
  for (const size of run.quick ? [20] : SIZES) {
    const contenders = {
      ours: () => trial('ours', size),
      raw: () => trial('raw', size),
      bare: () => trial('bare', size)
    }
    const trials = run.quick ? 1 : size === SIZES.at(-1) ? 7 : 3
    all.push({ size, samples: await alternate(run, contenders, { trials, warmup: 0 }) })
  }
  return all
}

function series(sizes: Sizes): Series[] {
  const { size, samples } = sizes.at(-1)!
  const of = (what: string, unit: string, value: Value<PeersCost>): Series[] =>
    seriesOf({ what, unit }, samples, value)
  const bare = summarize(samples.bare.map(({ heap }) => heap / size)).median
  return [
    ...of(`Time to connect to ${size} peers`, 'ms', ({ connect }) => connect),
    ...of('Time to close', 'ms', ({ close }) => close),
    ...of('Heap per peer, both ends', 'bytes', ({ heap }) => heap / size),
    ...of('Heap per peer beyond bare', 'bytes', ({ heap }) => heap / size - bare).slice(0, 2),
    ...of('Heap per peer, left after the close', 'bytes', ({ left }) => left / size)
  ]
}

function targets(sizes: Sizes): Target[] {
  const { size, samples } = sizes.at(-1)!
  const { ours, bare } = samples
  const own = ours.map(({ heap }, trial) => (heap - bare[trial]!.heap) / size)
  return [
    linearTarget('time to connect', 'peer', sizes, ({ connect }) => connect),
    linearTarget('time to close', 'peer', sizes, ({ close }) => close),
    linearTarget('heap', 'peer', sizes, ({ heap }) => heap),
    medianTarget('heap per peer beyond the Noise stream and Protomux', 'bytes', own, { atMost: HEAP })
  ]
}

function growth(sizes: Sizes): Growth[] {
  const x = 'peers'
  return [
    growthOf({ what: 'Time to connect', x, y: 'ms' }, sizes, ({ connect }) => connect),
    growthOf({ what: 'Time to close', x, y: 'ms' }, sizes, ({ close }) => close),
    growthOf({ what: 'Heap of both ends', x, y: 'MiB' }, sizes, ({ heap }) => heap / 1_024 ** 2)
  ]
}

function remark(sizes: Sizes): string {
  const { size, samples } = sizes.at(-1)!
  const [ours, raw, bare] = CONTENDERS.map((contender) =>
    Math.round(summarize(samples[contender].map(({ heap }) => heap / size)).median)
  ) as [number, number, number]
  return `A peer adds ${ours - bare} bytes to bare. Corestore keeps ${raw - bare} of them for each stream, which raw has too. The rest is the
networker's peer and its channel, with what Protomux keeps for an open channel.`
}
