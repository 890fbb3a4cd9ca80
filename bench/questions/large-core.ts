import { alternate } from '../harness/alternate.js'
import type { GrowthPoint, Question, Run, Series } from '../harness/question.js'
import { ratio } from '../harness/statistics.js'
import { CoreMover, type Move } from '../processes/handles/core-mover.js'
import { contendersOf, type PeerContender, withPeers } from '../processes/handles/peers.js'
import { whereTimeGoes } from '../processes/large-core-costs.js'

const SIZE = 256 // MiB
const QUICK_SIZE = 2
const SMALLER_SIZES = [16, 32, 64, 128]

export const largeCore: Question = {
  name: 'large-core',
  id: 'Q2',
  asks: 'How fast does a large core move?',
  how: `A core of ${SIZE} MiB in blocks of 64 KiB moves to another process, which has entered the same DHT and looks it up. The
clock runs from the join to the last block; the CPU seconds are those of both processes meanwhile. All blocks are then read
back and compared by their SHA-256. The reader is a fresh process with an empty store on disk each time, the writer stays.
1.x keeps its store in memory, as it did by default.`,
  async measure(run) {
    return withPeers(async (start) => {
      const contenders = await contendersOf(run)
      const movers = new Map(contenders.map((contender) => [contender, new CoreMover(contender, start)]))
      const size = run.quick ? QUICK_SIZE : SIZE
      const moves = await moveAll(run, movers, size, run.quick ? 1 : 10, run.quick ? 0 : 1)
      const growth = run.quick ? [] : await grow(run, movers)
      const costs = run.quick ? [] : [await whereTimeGoes(run, start, moves)]
      for (const mover of movers.values()) await mover.end()

      const speed = (contender: PeerContender) => moves[contender]!.map(({ mibPerSecond }) => mibPerSecond)
      const cpu = (contender: PeerContender) => moves[contender]!.map(({ writer, reader }) => writer + reader)
      return {
        series: contenders.flatMap((contender): Series[] => [
          { contender, what: 'Speed', unit: 'MiB/s', samples: speed(contender) },
          { contender, what: 'CPU of both processes', unit: 's/GiB', samples: cpu(contender) }
        ]),
        targets: [
          ratio('speed, ours to raw', speed('ours'), speed('raw'), { atLeast: 0.98 }),
          ratio('CPU seconds per GiB, ours to raw', cpu('ours'), cpu('raw'), { atMost: 1.02 })
        ],
        growth: [
          {
            what: 'Time to move a core',
            x: 'MiB',
            y: 'seconds',
            points: [...growth, ...toPoints(contenders, size, moves)]
          }
        ],
        remarks: costs
      }
    })
  }
}

type Moves = Readonly<Record<string, Move[]>>

function moveAll(
  run: Run,
  movers: ReadonlyMap<PeerContender, CoreMover>,
  mib: number,
  trials: number,
  warmup: number
): Promise<Moves> {
  const each = Object.fromEntries([...movers].map(([contender, mover]) => [contender, () => mover.move(mib)]))
  return alternate(run, each, { trials, warmup })
}

async function grow(run: Run, movers: ReadonlyMap<PeerContender, CoreMover>): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = []
  for (const mib of SMALLER_SIZES) {
    points.push(...toPoints([...movers.keys()], mib, await moveAll(run, movers, mib, 3, 0)))
  }
  return points
}

function toPoints(contenders: readonly PeerContender[], mib: number, moves: Moves): GrowthPoint[] {
  return contenders.map((contender) => {
    return { contender, x: mib, samples: moves[contender]!.map(({ seconds }) => seconds) }
  })
}
