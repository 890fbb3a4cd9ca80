import { makeTemporaryDirectory, removeTemporaryDirectory } from '../networks/temporary-directory.js'
import { LeakWatch } from './leaks.js'
import { type FullOptions, readOptions, type SimulationOptions } from './options.js'
import { Recorder } from './recorder.js'
import type { SimulationReport } from './report.js'
import { Run } from './run.js'
import { seedMathRandom } from './seeded-math.js'
import { Simulation } from './simulation.js'
import { SimulationError } from './simulation-error.js'
import { catchUncaught } from './uncaught.js'
import { inVirtualTime } from './virtual-run.js'
import { WatchedClock } from './watched-clock.js'

/** The program of a simulation. */
export type Scenario = (sim: Simulation) => void | Promise<void>

interface RunResult {
  readonly report: SimulationReport
  /** The first failure. */
  readonly cause: unknown
}

/**
 * Runs a scenario in virtual time, with real networkers over a network in memory. The same seed gives the same run.
 *
 * ```ts
 * await simulate({ seed: 42, link: { latency: 50 } }, async (sim) => {
 *   const [a, b] = await sim.peers(2)
 *   await sim.connect('full')
 *   ...
 * })
 * ```
 *
 * @returns the report of a run without failures
 * @throws SimulationError with the report when something failed or was left behind. NetworkerError `INVALID_OPTION`;
 * `UNSUPPORTED` when another simulation runs in this process
 */
export async function simulate(options: SimulationOptions, scenario: Scenario): Promise<SimulationReport> {
  const { report, cause } = await start(options, scenario)
  if (!report.ok) throw new SimulationError(report, { cause })
  return report
}

/**
 * As {@link simulate}, but returns the report also when something failed.
 *
 * @throws NetworkerError `INVALID_OPTION`; `UNSUPPORTED` when another simulation runs in this process
 */
export async function runScenario(options: SimulationOptions, scenario: Scenario): Promise<SimulationReport> {
  const { report } = await start(options, scenario)
  return report
}

async function start(options: SimulationOptions, scenario: Scenario): Promise<RunResult> {
  const full = readOptions(options, scenario.name)
  const directory = full.store === 'rocksdb' ? await makeTemporaryDirectory() : null
  try {
    return await carryOut(full, scenario, directory)
  } finally {
    if (directory) await removeTemporaryDirectory(directory)
  }
}

async function carryOut(
  options: FullOptions,
  scenario: Scenario,
  directory: string | null
): Promise<RunResult> {
  const { name, seed, limits, command } = options
  const clock = new WatchedClock({ limits })
  const recorder = new Recorder(options.onevent)
  const begin = performance.now()
  const leaks = new LeakWatch()
  const run = new Run(options, clock, recorder, directory)
  const sim = new Simulation(run)
  const release = catchUncaught(run.fail)
  const unseed = seedMathRandom(seed)
  try {
    await inVirtualTime(run, () => scenario(sim))
  } finally {
    unseed()
    release()
  }
  recorder.sampleMemory()
  const { failures, cause, faults, ...links } = run.result
  const left = leaks.find({ clock, ...links })
  const report = {
    ok: failures.length === 0 && left.length === 0,
    name,
    seed,
    hash: recorder.digest(),
    virtualTime: clock.now(),
    wallTime: performance.now() - begin,
    events: clock.events,
    frames: recorder.frames,
    lost: recorder.lost,
    bytes: recorder.bytes,
    peakMemory: recorder.peakMemory,
    failures,
    leaks: left,
    faults: faults.map(({ id, time, duration, kind, who }) => ({ id, time, duration, kind, who })),
    command
  }
  return { report, cause }
}
