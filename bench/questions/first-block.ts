import { alternate } from '../harness/alternate.js'
import type { GrowthPoint, Question, Run, Target } from '../harness/question.js'
import { ratio, summarize } from '../harness/statistics.js'
import {
  contendersOf,
  type Peer,
  type PeerContender,
  type StartPeer,
  withPeers
} from '../processes/handles/peers.js'
import type { Download } from '../processes/peer.js'

const SIZE = 1_024
const WHAT = 'time to the first block'
/** Packages with less time than this (ms) are left out of the table of the profile. */
const SHOWN = 0.3

export const firstBlock: Question = {
  name: 'first-block',
  id: 'Q1',
  asks: 'How soon does the first block arrive?',
  how: `A peer holds a core of 1 KiB blocks and has announced it in a DHT of 10 nodes. A new peer, in a process of its own,
has opened its store and entered the DHT. The clock runs from its \`configure\`, or from \`new Hyperswarm\` and \`join\`, until
\`core.get(0)\` returns the first block, which is compared by its SHA-256. Raw only looks up. Ours also listens, after the
lookup, so that peers can dial it by its key. 1.x was started before the clock runs, keeps its store in memory, and has a
DHT of ten nodes of its own kind.`,
  async measure(run) {
    return withPeers(async (start) => {
      const contenders = await contendersOf(run)
      const got = await alternate(
        run,
        Object.fromEntries(contenders.map((contender) => [contender, () => first(contender, start)])),
        { trials: run.quick ? 1 : 30, warmup: run.quick ? 0 : 2 }
      )
      const times = Object.fromEntries(
        Object.entries(got).map(([name, all]) => [name, all.map(({ ms }) => ms)])
      )
      return {
        series: contenders.map((contender) => {
          return { contender, what: 'Time to the first block', unit: 'ms', samples: times[contender]! }
        }),
        targets: targets(times),
        remarks: [remark(got), profileTable(await profiles(run, start))],
        growth: [
          {
            what: 'Time to all blocks of a core',
            x: 'blocks',
            y: 'ms',
            points: await grow(run, contenders, start)
          }
        ]
      }
    })
  }
}

function targets({ ours, raw, '1.x': old }: Record<string, number[]>): Target[] {
  return [
    ratio(`${WHAT}, ours to raw`, ours!, raw!, { atMost: 1.05 }),
    ...(old ? [ratio(`${WHAT}, ours to 1.x`, ours!, old, { atMost: 1 })] : [])
  ]
}

function remark(got: Record<string, Download[]>): string {
  const cpu = Object.entries(got).map(([contender, all]) => {
    const { median, low, high } = summarize(all.map((download) => download.cpu * 1_000))
    return `${contender} ${median.toFixed(1)} ms (${low.toFixed(1)} to ${high.toFixed(1)})`
  })
  return `CPU time of the new process until the first block: ${cpu.join(', ')}. The process runs all of its code for the first time.`
}

type Profiles = Readonly<Record<'ours' | 'raw', readonly Record<string, number>[]>>

/** Profiles new processes, in trials of their own: the profiler itself takes time. */
function profiles(run: Run, start: StartPeer): Promise<Profiles> {
  const profile = (contender: 'ours' | 'raw') => () => {
    return trial(contender, 1, start, async (reader, key) => {
      await reader.ask('startProfile')
      const got = await reader.ask('first', key)
      return { ...got, packages: await reader.ask('stopProfile') }
    }).then(({ packages }) => packages)
  }
  return alternate(
    run,
    { ours: profile('ours'), raw: profile('raw') },
    { trials: run.quick ? 1 : 10, warmup: 0 }
  )
}

function profileTable({ ours, raw }: Profiles): string {
  const names = [...new Set([...ours, ...raw].flatMap(Object.keys))]
  const mean = (all: readonly Record<string, number>[], name: string) => {
    return all.reduce((sum, packages) => sum + (packages[name] ?? 0), 0) / all.length
  }
  const rows = names.map((name) => ({ name, ours: mean(ours, name), raw: mean(raw, name) }))
  const shown = rows.filter((row) => Math.max(row.ours, row.raw) >= SHOWN).sort((a, b) => b.ours - a.ours)
  return [
    `The table splits this CPU time by package. It comes from ${ours.length} more processes of each contender under a sampling profiler,
which takes time itself. The time of a package includes what it calls of Node.js and of native code. Packages with less
than ${SHOWN} ms are left out.`,
    '',
    '| package | ours, ms | raw, ms |',
    '| --- | --- | --- |',
    ...shown.map((row) => `| ${row.name} | ${row.ours.toFixed(1)} | ${row.raw.toFixed(1)} |`)
  ].join('\n')
}

async function grow(
  run: Run,
  contenders: readonly PeerContender[],
  start: StartPeer
): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = []
  for (const blocks of run.quick ? [] : [1, 10, 100, 300, 1_000]) {
    const times = await alternate(
      run,
      Object.fromEntries(contenders.map((contender) => [contender, () => all(contender, blocks, start)])),
      { trials: 5, warmup: 0 }
    )
    for (const contender of contenders) {
      points.push({ contender, x: blocks, samples: times[contender]!.map(({ ms }) => ms) })
    }
  }
  return points
}

function first(contender: PeerContender, start: StartPeer): Promise<Download> {
  return trial(contender, 1, start, (reader, key) => reader.ask('first', key))
}

function all(contender: PeerContender, blocks: number, start: StartPeer): Promise<Download> {
  return trial(contender, blocks, start, (reader, key) => reader.ask('download', key, blocks))
}

async function trial<D extends Download>(
  contender: PeerContender,
  blocks: number,
  start: StartPeer,
  read: (reader: Peer, key: Uint8Array) => Promise<D>
): Promise<D> {
  const options = { execArgv: ['--expose-gc'] }
  const peers = await Promise.all([start(contender, options), start(contender, options)])
  const [writer, reader] = peers
  const { key, hash } = await writer.ask('append', blocks, SIZE)
  await writer.ask('join', key, { announce: true, lookup: false, flush: true })
  await Promise.all(peers.map((peer) => peer.ask('usage'))) // collects the garbage of loading before the clock runs
  const got = await read(reader, key)
  if (got.hash !== hash || got.bytes !== blocks * SIZE) throw new Error(`${contender} got other blocks`)
  await Promise.all(peers.map((peer) => peer.ask('close')))
  await Promise.all(peers.map((peer) => peer.kill()))
  return got
}
