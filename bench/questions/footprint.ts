import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { KIB, type MinifiedPackage, minifiedModules, minifiedPackages } from '../../scripts/lib/minified.js'
import { alternate } from '../harness/alternate.js'
import { installedBytes } from '../harness/installed-bytes.js'
import type { Answer, Question, Run, Target } from '../harness/question.js'
import { summarize } from '../harness/statistics.js'

const PROGRAM = fileURLToPath(new URL('../processes/import-times.mjs', import.meta.url))
const TRIALS = 20

/** The packages of a program without the networker. */
const RAW = ['hyperswarm', 'corestore']
/** The packages that a program with the networker adds, each after those that it depends on. */
const USED = ['@basestore/extensions', '@basestore/networker', '@basestore/transport-hyperswarm']
/** The packages that its tests add. */
const TESTS = ['@basestore/transport-memory']
const ALL = [...RAW, ...USED, ...TESTS]

export const footprint: Question = {
  name: 'footprint',
  id: 'Q9',
  asks: 'What do the packages add to a program?',
  how: `**raw** is a program that imports Hyperswarm and Corestore; **ours** imports the networker and its transport over
Hyperswarm, too. The time is that of \`await import()\`, one package after another, in a new process, without the start
of Node. The installed bytes are those of the packages and of all that they depend on. Our own packages count with the
files that are published, source maps and type declarations included; a dependency that is there already adds nothing. The
minified bytes are a package's own code, without its dependencies, from all its entry points, as esbuild makes them;
\`pnpm size\` checks the same. The memory transport is for tests, and simulates whole networks with virtual time and
injected faults.`,
  async measure(run) {
    const packages = (await minifiedPackages()).filter(({ goal }) => Number.isFinite(goal))
    const beyond = packages.filter(({ bytes, goal }) => bytes > goal)
    const modules = await Promise.all(beyond.map(filesOf))
    return answer(await importTimes(run), await installed(), packages, modules)
  }
}

/**
 * Each trial lists the time until each package was there (ms), in the order of the imports. `raw` and `ours` import several
 * packages; the other entries are a package of ours that is imported alone.
 */
type ImportTimes = Readonly<Record<string, readonly number[][]>>

function importTimes(run: Run): Promise<ImportTimes> {
  const alone = [...USED, ...TESTS].map((name) => [name, () => importInChild([name])])
  return alternate<string, number[]>(
    run,
    {
      raw: () => importInChild(RAW),
      ours: () => importInChild(ALL),
      ...(!run.quick && Object.fromEntries(alone))
    },
    run.quick ? { trials: 1, warmup: 0 } : { trials: TRIALS, warmup: 2 }
  )
}

async function importInChild(names: readonly string[]): Promise<number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...names])
  const times: number[] = JSON.parse(stdout)
  if (times.length !== names.length)
    throw new Error(`${times.length} of ${names.length} packages were imported`)
  return times
}

/** @returns what each package adds to those before it (KiB) */
async function installed(): Promise<number[]> {
  const counted = new Set<string>()
  const added: number[] = []
  for (const name of ALL) {
    const bytes = await installedBytes(name, counted)
    if (bytes === 0) throw new Error(`${name} is not installed`)
    added.push(bytes / KIB)
  }
  return added
}

function answer(
  times: ImportTimes,
  kib: readonly number[],
  packages: readonly MinifiedPackage[],
  files: readonly string[]
): Answer {
  const count = { raw: RAW.length, ours: RAW.length + USED.length }
  const imported = (contender: 'raw' | 'ours', packages: number) =>
    times[contender]!.map((trial) => trial[packages - 1]!)
  const size = (packages: number) => kib.slice(0, packages).reduce((sum, more) => sum + more, 0)
  const contenders = ['raw', 'ours'] as const
  return {
    series: [
      ...contenders.map((contender) => ({
        contender,
        what: 'Time to import',
        unit: 'ms',
        samples: imported(contender, count[contender])
      })),
      ...contenders.map((contender) => ({
        contender,
        what: 'Installed',
        unit: 'KiB',
        samples: [size(count[contender])]
      }))
    ],
    targets: packages.map(minifiedTarget),
    growth: [
      {
        what: 'Time to import, package by package',
        x: 'packages',
        y: 'ms',
        points: ALL.map((_, at) => ({ contender: 'ours', x: at + 1, samples: imported('ours', at + 1) }))
      },
      {
        what: 'Installed, package by package',
        x: 'packages',
        y: 'KiB',
        points: ALL.map((_, at) => ({ contender: 'ours', x: at + 1, samples: [size(at + 1)] }))
      }
    ],
    remarks: [remark(times, kib, packages), ...files]
  }
}

function minifiedTarget({ name, bytes, goal }: MinifiedPackage): Target {
  return { what: `${name}, minified`, value: bytes / KIB, unit: 'KiB', atMost: goal / KIB }
}

/** Tells which files of a package have how many bytes. */
async function filesOf({ name, dir }: MinifiedPackage): Promise<string> {
  const files = (await minifiedModules(dir)).filter(({ bytes }) => bytes > 0)
  const list = files.map(({ name, bytes }) => `${name} ${bytes.toLocaleString('en')}`)
  return `${name} exceeds its goal. Its bytes by file: ${list.join(', ')}.`
}

/** Tells what each package adds. */
function remark(times: ImportTimes, kib: readonly number[], packages: readonly MinifiedPackage[]): string {
  const { ours = [] } = times
  const rows = ALL.map((name, at) => {
    const added = ours.map((trial) => trial[at]! - (trial[at - 1] ?? 0))
    const alone = times[name]?.map(([ms]) => ms!)
    const minified = packages.find((one) => one.name === name)
    return [
      name,
      ms(added),
      alone ? ms(alone) : '',
      tenths(kib[at]!),
      minified ? tenths(minified.bytes / KIB) : ''
    ]
  })
  return [
    `The table has each package in the order of the plots. A package that is imported alone also loads what it needs of
Hyperswarm's and Corestore's dependencies. What it installs beyond these is its own.`,
    '',
    '| package | import adds, ms | import alone, ms | installation adds, KiB | minified, KiB |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`)
  ].join('\n')
}

function ms(samples: readonly number[]): string {
  return tenths(summarize(samples).median)
}

function tenths(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 })
}
