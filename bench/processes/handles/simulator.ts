import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SimulationReport } from '@basestore/testkit/simulation'

/** The totals that `basestore-sim explore --json` prints. */
export interface Exploration {
  readonly seeds: number
  /** Seeds that ran twice. */
  readonly repeated: number
  /** Repeated seeds whose two runs differed. */
  readonly differ: number
  readonly failed: number
  /** Real time (ms). */
  readonly wallTime: number
}

const TESTKIT = dirname(createRequire(import.meta.url).resolve('@basestore/testkit/package.json'))
const COMMAND = join(TESTKIT, 'bin/basestore-sim.js')
/** Processes that explore seeds at the same time. */
const JOBS = 2
/** Bytes of output. A report lists all faults of its run. */
const MAX_OUTPUT = 256 * 1024 ** 2

const exec = promisify(execFile)

/**
 * Runs a scenario once.
 *
 * @param environment variables that the scenario reads
 * @throws Error when the run fails or leaks, with what the command printed
 */
export async function runScenario(
  scenario: URL,
  environment: Readonly<Record<string, number>> = {}
): Promise<SimulationReport> {
  return simulate<SimulationReport>(['run', fileURLToPath(scenario), '--json'], environment)
}

/**
 * Runs a scenario with so many seeds, each twice.
 *
 * @throws Error when a run fails or leaks, or when two runs of a seed differ, with what the command printed
 */
export async function exploreTwice(scenario: URL, seeds: number): Promise<Exploration> {
  const counts = ['--seeds', `${seeds}`, '--jobs', `${JOBS}`, '--twice', '1']
  return simulate<Exploration>(['explore', fileURLToPath(scenario), '--json', ...counts])
}

async function simulate<Report>(
  args: readonly string[],
  environment: Readonly<Record<string, number>> = {}
): Promise<Report> {
  const own = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, `${value}`]))
  // RocksDB works on libuv's threads. With several, their order would differ from run to run.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1', ...own }
  const node = ['--expose-gc', COMMAND, ...args]
  const { stdout } = await exec(process.execPath, node, { env, maxBuffer: MAX_OUTPUT }).catch((error) => {
    throw new Error(`${args.slice(0, 2).join(' ')} failed:\n${error.stdout}\n${error.stderr}`)
  })
  return JSON.parse(stdout)
}
