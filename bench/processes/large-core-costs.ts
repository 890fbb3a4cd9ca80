import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate } from '../harness/alternate.js'
import type { Run } from '../harness/question.js'
import { summarize } from '../harness/statistics.js'
import { CoreMover, type Move } from './handles/core-mover.js'
import type { StartPeer } from './handles/peers.js'

const SIZE = 256 // MiB
const TRIALS = 3
/** A file system in memory, where there is one: Corestore 7 stores in files only. */
const MEMORY = '/dev/shm'

const OURS = 'ours over UDX, on disk'
const RAW = 'raw over UDX, on disk'
const RAW_TCP = 'raw over TCP, on disk'
const RAW_TCP_MEMORY = 'raw over TCP, in memory'
const OLD = '1.x over TCP, in memory'
const OLD_DISK = '1.x over TCP, on disk'

/** Markdown that tells what of the cost is whose, by changing one layer at a time. */
export async function whereTimeGoes(
  run: Run,
  start: StartPeer,
  { ours, raw, '1.x': old }: Readonly<Record<string, Move[]>>
): Promise<string> {
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
    const others = await alternate(run, each, { trials: TRIALS, warmup: 0 })
    return report({ [OURS]: ours!, [RAW]: raw!, [OLD]: old!, ...others })
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

function report(moves: Readonly<Record<string, Move[]>>): string {
  const costs = new Map(Object.entries(moves).map(([name, all]) => [name, median(all)]))
  const rows = [...costs].map(
    ([name, { speed, writer, reader }]) =>
      `| ${name} | ${Math.round(speed)} | ${writer.toFixed(1)} | ${reader.toFixed(1)} |`
  )
  return `Where the time goes, one layer at a time. The writer serves from its page cache.

| who | MiB/s | CPU s/GiB, writer | CPU s/GiB, reader |
| --- | --- | --- | --- |
${rows.join('\n')}

${tell(costs)}`
}

function median(moves: readonly Move[]): Costs {
  const of = (figure: (move: Move) => number) => summarize(moves.map(figure)).median
  return {
    speed: of(({ mibPerSecond }) => mibPerSecond),
    writer: of(({ writer }) => writer),
    reader: of(({ reader }) => reader),
    cpu: of(({ writer, reader }) => writer + reader)
  }
}

function tell(costs: ReadonlyMap<string, Costs>): string {
  const cpu = (name: string) => costs.get(name)?.cpu ?? Number.NaN
  const [raw, tcp, memory, old, oldDisk] = [RAW, RAW_TCP, RAW_TCP_MEMORY, OLD, OLD_DISK].map(cpu) as number[]
  const rest = costs.has(RAW_TCP_MEMORY) ? memory! : tcp!
  return [
    `Of the ${raw!.toFixed(1)} CPU seconds that a GiB costs raw, ${(raw! - tcp!).toFixed(1)} are for UDX instead of TCP`,
    costs.has(RAW_TCP_MEMORY)
      ? `, ${(tcp! - memory!).toFixed(1)} for a disk instead of memory beneath RocksDB`
      : '',
    `, and ${rest.toFixed(1)} are left: Hypercore 11, its Merkle tree, RocksDB and the encryption, and TCP's own. 1.x with`,
    `Hypercore 9 needs ${old!.toFixed(1)} for the same, and ${oldDisk!.toFixed(1)} with its store in files on the same disk. The`,
    `networker itself adds ${(cpu(OURS) - raw!).toFixed(1)} to raw.`
  ]
    .join(' ')
    .replaceAll(' ,', ',')
}
