// What the simulator costs, and whether its runs repeat: each figure with what it is to reach. Writes
// results/simulation.json and docs/simulation-figures.md; with --short a part of the work is done, and nothing written.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    nightly: { type: 'boolean', default: false },
    only: { type: 'string' }
  }
})
const { short, nightly, only } = values
const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const command = join(dirname(require.resolve('@basestore/testkit/package.json')), 'bin/basestore-sim.js')
const exec = promisify(execFile)
const RESULTS = join(here, '../results/simulation.json')
const MIB = 1024 ** 2
const today = new Date().toISOString().slice(0, 10)

/** Too long for every day. */
const NIGHTLY = new Set(['flood-5000'])

/** Each returns what it measured and whether that is enough; it fails by itself when a run did. */
const questions = {
  'same-seed': {
    asks: `chaos, ${short ? 20 : 500} seeds × 20 peers, each run twice: how many differ; every block on every peer`,
    reach: '0 differ, ≤ 12 min a pass, no failure, no leak',
    async measure() {
      const seeds = short ? 20 : 500
      const { failed, differ, repeated, wallTime } = await explore('chaos', [
        '--seeds',
        seeds,
        '--jobs',
        2,
        '--twice',
        1
      ])
      const pass = wallTime / 2
      return {
        result: `${differ} of ${repeated} differ, ${failed} failed, ${minutes(pass)} a pass`,
        ok: failed === 0 && differ === 0 && (short || pass <= 12 * 60_000),
        figures: { seeds, repeated, differ, failed, wallTime }
      }
    }
  },
  'same-seed-rocksdb': {
    asks: `the same over RocksDB with one thread, ${short ? 2 : 50} seeds`,
    reach: '0 differ',
    async measure() {
      const seeds = short ? 2 : 50
      const outcome = await explore('chaos-rocksdb', ['--seeds', seeds, '--jobs', 2, '--twice', 1])
      const { failed, differ, repeated } = outcome
      return {
        result: `${differ} of ${repeated} differ, ${failed} failed`,
        ok: failed === 0 && differ === 0,
        figures: outcome
      }
    }
  },
  flood: flood(short ? 100 : 1_000, 45, 800),
  idle: {
    asks: `20 peers, all connected, idle for ${short ? 1 : 24} virtual hours`,
    reach: '≤ 60 s, heap flat',
    async measure() {
      const { wallTime, events } = await run('idle', { HOURS: short ? 2 : 24 })
      return {
        result: `${seconds(wallTime)}, ${events} events, the heap within a tenth of what it was after an hour`,
        ok: short || wallTime <= 60_000,
        figures: { wallTime, events }
      }
    }
  },
  'round-trip': {
    asks: 'wall time of a round trip of 200 ms, an extension message and its answer, mean of 1,000',
    reach: '≤ 2 ms',
    async measure() {
      const { wallTime } = await run('round-trips', { TRIPS: 1_000 })
      const { wallTime: start } = await run('round-trips', { TRIPS: 1 })
      const trip = (wallTime - start) / 999
      return { result: `${trip.toFixed(2)} ms`, ok: trip <= 2, figures: { trip } }
    }
  },
  growth: {
    asks: 'cost per frame as peers grow from 10 to 1,000, 8 links each',
    reach: 'grows by less than 2 ×',
    async measure() {
      const figures = {}
      for (const peers of short ? [10, 100] : [10, 30, 100, 300, 1_000]) {
        const { wallTime, frames } = await run('flood', { PEERS: peers })
        figures[peers] = (1_000 * wallTime) / frames
      }
      const costs = Object.values(figures)
      const growth = costs.at(-1) / costs[0]
      const list = Object.entries(figures).map(([peers, cost]) => `${peers}: ${cost.toFixed(0)} µs`)
      return { result: `${growth.toFixed(2)} × (${list.join(', ')})`, ok: growth < 2, figures }
    }
  },
  partition: {
    asks: '5 peers and a partition, from the first peer to the report (without loading the libraries)',
    reach: '< 500 ms',
    async measure() {
      const { wallTime } = await run('partition')
      return { result: `${wallTime.toFixed(0)} ms`, ok: wallTime < 500, figures: { wallTime } }
    }
  },
  'flood-5000': flood(5_000, 180, 3 * 1024)
}

function flood(peers, reachSeconds, reachMib) {
  return {
    asks: `${peers} peers × 8 links, real Noise and Networker, a core of 10 blocks to all`,
    reach: `≤ ${reachSeconds} s, ≤ ${reachMib} MiB`,
    async measure() {
      const { wallTime, peakMemory } = await run('flood', { PEERS: peers })
      return {
        result: `${seconds(wallTime)}, ${(peakMemory / MIB).toFixed(0)} MiB`,
        ok: wallTime <= reachSeconds * 1_000 && peakMemory <= reachMib * MIB,
        figures: { wallTime, peakMemory }
      }
    }
  }
}

async function run(scenario, environment = {}) {
  return sim(['run', join(here, '../processes/simulation', `${scenario}.ts`), '--json'], environment)
}

async function explore(scenario, args) {
  return sim([
    'explore',
    join(here, '../processes/simulation', `${scenario}.ts`),
    '--json',
    ...args.map(String)
  ])
}

/** Fails when the command does, with what it printed. */
async function sim(args, environment = {}) {
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
  for (const [name, value] of Object.entries(environment)) env[name] = String(value)
  const node = ['--expose-gc', command, ...args]
  const { stdout } = await exec(process.execPath, node, { env, maxBuffer: 256 * MIB }).catch((error) => {
    throw new Error(`${args.slice(0, 2).join(' ')} failed:\n${error.stdout}\n${error.stderr}`)
  })
  return JSON.parse(stdout)
}

function seconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`
}

function minutes(ms) {
  return `${(ms / 60_000).toFixed(1)} min`
}

/** Puts what was measured now in the place of what was measured before. */
async function write(results) {
  const versions = {}
  for (const name of ['@basestore/testkit', 'corestore', 'hypercore']) versions[name] = await versionOf(name)
  const machine = {
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`
  }
  await mkdir(dirname(RESULTS), { recursive: true })
  const before = await readFile(RESULTS, 'utf8').then(JSON.parse, () => ({ results: [] }))
  const byName = new Map([...before.results, ...results].map((one) => [one.name, one]))
  const all = Object.keys(questions).flatMap((name) => byName.get(name) ?? [])
  await writeFile(RESULTS, `${JSON.stringify({ machine, versions, results: all }, null, 2)}\n`)
  const rows = all.map(
    ({ asks, reach, result, ok, date }) =>
      `| ${asks} | ${reach} | ${result} | ${ok ? 'yes' : '**no**'} | ${date} |`
  )
  const packages = Object.entries(versions).map((entry) => entry.join(' '))
  const page = `# What the simulator costs

Written by \`bench/simulation.mjs\`: Node ${machine.node}, ${machine.cpu}, ${machine.memory}, ${packages.join(', ')}.
Times are those of that machine; \`pnpm bench:simulation\` tells yours.

| question | to reach | measured | reached | on |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
  await writeFile(join(here, '../../docs/simulation-figures.md'), page)
}

async function versionOf(name) {
  const path = name === 'hypercore' ? createRequire(require.resolve('corestore')).resolve : require.resolve
  const manifest = await readFile(path(`${name}/package.json`), 'utf8')
  return JSON.parse(manifest).version
}

const results = []
for (const [name, { asks, reach, measure }] of Object.entries(questions)) {
  if (only ? name !== only : NIGHTLY.has(name) && !nightly) continue
  const outcome = await measure()
  results.push({ name, asks, reach, ...outcome, date: today })
  console.log(`${outcome.ok ? 'ok    ' : 'MISSED'} ${name}: ${outcome.result} (${reach})`)
}
if (!short) await write(results)
if (results.some(({ ok }) => !ok)) process.exitCode = 1
