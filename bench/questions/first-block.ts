import type { PeerHandlers } from '../contenders/peer.js'
import { alternate } from '../src/alternate.js'
import type { Contender, GrowthPoint, Question, Run, Series } from '../src/question.js'
import { type Scratch, withScratch } from '../src/scratch.js'
import { ratio } from '../src/statistics.js'

const PEER = new URL('../contenders/peer.ts', import.meta.url)
const SIZE = 1_024

export const firstBlock: Question = {
  name: 'first-block',
  id: 'Q1',
  asks: 'How soon does the first block arrive?',
  how: `A peer holds a core of 1 KiB blocks and has announced it in a DHT of 10 nodes. A fresh peer, in a process of its own,
has opened its store and entered the DHT; the clock runs from its \`configure\`, or \`swarm.join\`, to the first block,
which is then compared by its SHA-256.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const trials = run.quick ? 1 : 30
      const times = await alternate(
        run,
        { ours: () => trial('ours', 1, scratch), raw: () => trial('raw', 1, scratch) },
        { trials, warmup: run.quick ? 0 : 2 }
      )
      return {
        series: [series('ours', times.ours), series('raw', times.raw)],
        targets: [ratio('time to the first block, ours to raw', times.ours, times.raw, { atMost: 1.05 })],
        growth: [
          { what: 'Time to all blocks of a core', x: 'blocks', y: 'ms', points: await grow(run, scratch) }
        ]
      }
    })
  }
}

async function grow(run: Run, scratch: Scratch): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = []
  for (const blocks of run.quick ? [2] : [1, 10, 100, 300, 1_000]) {
    const times = await alternate(
      run,
      { ours: () => trial('ours', blocks, scratch), raw: () => trial('raw', blocks, scratch) },
      { trials: run.quick ? 1 : 5, warmup: 0 }
    )
    points.push({ contender: 'ours', x: blocks, samples: times.ours })
    points.push({ contender: 'raw', x: blocks, samples: times.raw })
  }
  return points
}

/** @returns ms from the join to the last of so many blocks */
async function trial(
  contender: 'ours' | 'raw',
  blocks: number,
  { directory, testnet, start }: Scratch
): Promise<number> {
  const { bootstrap } = testnet
  const [writer, reader] = [start<PeerHandlers>(PEER), start<PeerHandlers>(PEER)]
  await Promise.all([writer, reader].map((child) => child.ask('open', { contender, bootstrap, directory })))
  const { key, hash } = await writer.ask('append', blocks, SIZE)
  await writer.ask('join', key, { announce: true, lookup: false, flush: true })
  const got = await reader.ask('download', key, blocks)
  if (got.hash !== hash || got.bytes !== blocks * SIZE) throw new Error(`${contender} got other blocks`)
  await Promise.all([writer, reader].map((child) => child.ask('close')))
  await Promise.all([writer, reader].map((child) => child.kill()))
  return got.ms
}

function series(contender: Contender, samples: readonly number[]): Series {
  return { contender, what: 'Time to the first block', unit: 'ms', samples }
}
