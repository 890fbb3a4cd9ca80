import { join } from 'node:path'
import { inSeconds } from '../../in-seconds.js'
import { makeTemporaryDirectory, removeTemporaryDirectory } from '../../networks/temporary-directory.js'
import type { Arguments } from './arguments.js'
import { attempt, type RunResult } from './attempt.js'
import { checkFile } from './check-file.js'
import { compare } from './diff.js'
import { type Minimised, minimise } from './minimise.js'
import { Pool } from './pool.js'
import { describePlan, describeResult } from './print.js'
import { SeedBar } from './seed-bar.js'

type ExploreArguments = Extract<Arguments, { command: 'explore' }>

interface Totals {
  readonly seeds: number
  readonly repeated: number
  readonly differ: number
  readonly failed: number
  /** Real milliseconds. */
  readonly wallTime: number
}

/** Runs a scenario with many seeds. @returns whether nothing failed */
export async function explore(
  args: ExploreArguments,
  program: string,
  signal: AbortSignal
): Promise<boolean> {
  const { file, seeds, from, jobs, twice, json } = args
  await checkFile(file)
  const directory = await makeTemporaryDirectory()
  const pool = new Pool({ program, jobs, directory, signal })
  const bar = new SeedBar(seeds, process.stderr)
  const failures: Minimised[] = []
  const start = performance.now()
  let [repeated, differ] = [0, 0]
  const one = async (seed: number, again: boolean): Promise<void> => {
    const first = await attempt(pool, { file, seed })
    if (again && first.report) repeated++
    const difference = again && (await differenceOf(pool, file, first, directory))
    if (difference) differ++
    const failure = difference ? { ...first, ok: false, error: difference } : first
    if (!failure.ok) {
      failures.push(failure)
      bar.note(`seed ${seed} failed`)
    }
    bar.done(failures.length)
  }
  try {
    await Promise.all(
      Array.from({ length: seeds }, (_, index) => one(from + index, isRepeated(index, twice)))
    )
    bar.end()
    failures.sort((a, b) => Number(a.seed) - Number(b.seed))
    const [first] = failures
    if (first) failures[0] = await minimise(pool, file, first, (count) => bar.note(`trying ${count} faults`))
    const totals = { seeds, repeated, differ, failed: failures.length, wallTime: performance.now() - start }
    console.log(json ? JSON.stringify({ ...totals, failures }, null, 2) : describe(totals, failures))
    return failures.length === 0
  } finally {
    bar.end()
    await pool.close()
    await removeTemporaryDirectory(directory)
  }
}

/** Whether a seed runs twice. The share is spread evenly, beginning with the first seed. */
function isRepeated(index: number, share: number): boolean {
  return Math.ceil((index + 1) * share) > Math.ceil(index * share)
}

/**
 * Runs a seed once more in a new process. A run that depends on what ran before in its process then differs.
 *
 * @returns how the two runs differ; undefined when they do not
 */
async function differenceOf(
  pool: Pool,
  file: string,
  { seed, report }: RunResult,
  directory: string
): Promise<string | undefined> {
  if (!report) return undefined
  const second = await attempt(pool, { file, seed }, { fresh: true })
  if (second.report?.hash === report.hash && second.ok === report.ok) return undefined
  const [a, b] = ['a', 'b'].map((name) => join(directory, `${seed}-${name}.ndjson`)) as [string, string]
  for (const trace of [a, b]) await attempt(pool, { file, seed, trace }, { fresh: true })
  const { text, isEqual } = await compare(a, b).catch(() => ({ text: '', isEqual: true }))
  const detail = isEqual ? 'two more runs were equal, so it depends on what ran before in a process' : text
  return `two runs with this seed differ: ${detail.replaceAll(`${directory}/`, '')}`
}

function describe({ seeds, repeated, differ, wallTime }: Totals, failures: readonly Minimised[]): string {
  const [first, ...others] = failures
  const texts: string[] = []
  if (first) texts.push(describeResult(first))
  if (first?.report && first.faults) texts.push(describePlan(first.report.faults, first.faults))
  if (others.length > 0) texts.push(`These seeds failed too: ${others.map(({ seed }) => seed).join(', ')}`)
  const passed = seeds - failures.length
  const counts = `${repeated} ran twice, ${differ} differed`
  return [...texts, `${passed} of ${seeds} seeds passed in ${inSeconds(wallTime)}; ${counts}`].join('\n\n')
}
