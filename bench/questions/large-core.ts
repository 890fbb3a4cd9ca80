import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate } from '../harness/alternate.js'
import type { Question, Run, Series } from '../harness/question.js'
import { growthOf, type Sized } from '../harness/series.js'
import { ratio, summarize } from '../harness/statistics.js'
import { CoreMover, type Move } from '../processes/handles/core-mover.js'
import { contendersOf, type PeerContender, type StartPeer, withPeers } from '../processes/handles/peers.js'

const SIZE = 256 // MiB
const QUICK_SIZE = 2
const SMALLER_SIZES = [16, 32, 64, 128]
/** Trials of each row that only the table of layers has. */
const LAYER_TRIALS = 3
/** A file system in memory, where the system has one: Corestore 7 stores in files only. */
const MEMORY = '/dev/shm'

const OURS = 'ours over UDX, on disk'
const RAW = 'raw over UDX, on disk'
const RAW_TCP = 'raw over TCP, on disk'
const RAW_TCP_MEMORY = 'raw over TCP, in memory'
const OLD = '1.x over TCP, in memory'
const OLD_DISK = '1.x over TCP, on disk'

type Movers = ReadonlyMap<PeerContender, CoreMover>
type Moves = Readonly<Partial<Record<PeerContender, Move[]>>>

export const largeCore: Question = {
  name: 'large-core',
  id: 'Q2',
  asks: 'How fast does a large core move?',
  how: `A core of ${SIZE} MiB in blocks of 64 KiB moves to another process, which has entered the same DHT and looks it up. The
clock runs from the join to the last block; the CPU time is that of both processes meanwhile. All blocks are then read back
and compared by their SHA-256. The reader is a new process with an empty store on disk each time; the writer stays. 1.x
keeps its store in memory, as it did by default.`,
  async measure(run) {
    return withPeers(async (start) => {
      const contenders = await contendersOf(run)
      const movers: Movers = new Map(
        contenders.map((contender) => [contender, new CoreMover(contender, start)])
      )
      const size = run.quick ? QUICK_SIZE : SIZE
      const moves = await moveAll(run, movers, size, run.quick ? 1 : 10, run.quick ? 0 : 1)
      const smaller = run.quick ? [] : await moveSmaller(run, movers)
      const remarks = run.quick ? [] : [await layers(run, start, moves)]
      for (const mover of movers.values()) await mover.end()

      const speed = (contender: PeerContender) => moves[contender]!.map(({ mibPerSecond }) => mibPerSecond)
      const cpu = (contender: PeerContender) => moves[contender]!.map(({ writer, reader }) => writer + reader)
      const sizes = [...smaller, { size, samples: moves }]
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
          growthOf({ what: 'Time to move a core', x: 'MiB', y: 'seconds' }, sizes, ({ seconds }) => seconds)
        ],
        remarks
      }
    })
  }
}

function moveAll(run: Run, movers: Movers, mib: number, trials: number, warmup: number): Promise<Moves> {
  const each = Object.fromEntries([...movers].map(([contender, mover]) => [contender, () => mover.move(mib)]))
  return alternate(run, each, { trials, warmup })
}

async function moveSmaller(run: Run, movers: Movers): Promise<Sized<Move>[]> {
  const all: Sized<Move>[] = []
  for (const size of SMALLER_SIZES) all.push({ size, samples: await moveAll(run, movers, size, 3, 0) })
  return all
}

/** Markdown that tells which layer takes how much of the CPU time, by changing one layer at a time. */
async function layers(run: Run, start: StartPeer, { ours, raw, '1.x': old }: Moves): Promise<string> {
  const disk = await mkdtemp(join(tmpdir(), 'basestore-bench-'))
  const memory = existsSync(MEMORY) ? await mkdtemp(join(MEMORY, 'basestore-bench-')) : undefined
  const movers: Record<string, CoreMover> = {
    [RAW_TCP]: new CoreMover('tcp', start, { directory: disk }),
    ...(memory && { [RAW_TCP_MEMORY]: new CoreMover('tcp', start, { directory: memory }) }),
    [OLD_DISK]: new CoreMover('1.x', start, { directory: disk })
  }
  try {
    const each = Object.fromEntries(
      Object.entries(movers).map(([name, mover]) => [name, () => mover.move(SIZE)])
    )
    const others = await alternate(run, each, { trials: LAYER_TRIALS, warmup: 0 })
    return layersReport({ [OURS]: ours!, [RAW]: raw!, [OLD]: old!, ...others })
  } finally {
    for (const mover of Object.values(movers)) await mover.end()
    for (const folder of [disk, memory]) if (folder) await rm(folder, { recursive: true })
  }
}

interface Costs {
  readonly speed: number
  readonly writer: number
  readonly reader: number
  readonly cpu: number
}

function layersReport(moves: Readonly<Record<string, Move[]>>): string {
  const costs = new Map(Object.entries(moves).map(([name, all]) => [name, costsOf(all)]))
  const rows = [...costs].map(
    ([name, { speed, writer, reader }]) =>
      `| ${name} | ${Math.round(speed)} | ${writer.toFixed(1)} | ${reader.toFixed(1)} |`
  )
  return `The table changes one layer at a time, which shows where the time goes. The writer reads from its page cache.

| contender | MiB/s | CPU s/GiB, writer | CPU s/GiB, reader |
| --- | --- | --- | --- |
${rows.join('\n')}

${layersRemark(costs)}`
}

function costsOf(moves: readonly Move[]): Costs {
  const of = (figure: (move: Move) => number) => summarize(moves.map(figure)).median
  return {
    speed: of(({ mibPerSecond }) => mibPerSecond),
    writer: of(({ writer }) => writer),
    reader: of(({ reader }) => reader),
    cpu: of(({ writer, reader }) => writer + reader)
  }
}

function layersRemark(costs: ReadonlyMap<string, Costs>): string {
  const cpu = (name: string) => costs.get(name)?.cpu ?? Number.NaN
  const [raw, tcp, memory, old, oldDisk] = [RAW, RAW_TCP, RAW_TCP_MEMORY, OLD, OLD_DISK].map(cpu) as number[]
  const hasMemory = costs.has(RAW_TCP_MEMORY)
  const rest = hasMemory ? memory! : tcp!
  const disk = ` A disk instead of memory beneath RocksDB takes ${(tcp! - memory!).toFixed(1)} s.`
  return `A GiB costs raw ${raw!.toFixed(1)} CPU seconds. UDX instead of TCP takes ${(raw! - tcp!).toFixed(1)} s of that.${hasMemory ? disk : ''} The other
${rest.toFixed(1)} s are Hypercore 11 with its Merkle tree, RocksDB, the encryption, and TCP itself. 1.x with Hypercore 9 takes
${old!.toFixed(1)} s with its store in memory, and ${oldDisk!.toFixed(1)} s with its store in files on the same disk. The networker adds ${(cpu(OURS) - raw!).toFixed(1)} s to
raw.`
}
