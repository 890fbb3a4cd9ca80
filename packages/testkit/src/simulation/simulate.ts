import { makeTemporaryDirectory, removeTemporaryDirectory } from '../networks/temporary-directory.js'
import { LeakWatch } from './leaks.js'
import { type FullOptions, readOptions, type SimulationOptions } from './options.js'
import { Recorder } from './recorder.js'
import type { SimulationReport } from './report.js'
import { Run } from './run.js'
import { seedMathRandom } from './seeded-math.js'
import { Simulation } from './simulation.js'
import { catchUncaught } from './uncaught.js'
import { inVirtualTime } from './virtual-run.js'
import { inSeconds, WatchedClock } from './watched-clock.js'

/** What happens in a simulation. */
export type Scenario = (sim: Simulation) => void | Promise<void>

/** Thrown by {@link simulate}: its message is the first failure and how to repeat the run, its cause that failure. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError'
  readonly report: SimulationReport

  constructor(report: SimulationReport, options?: ErrorOptions) {
    super(describe(report), options)
    this.report = report
  }
}

interface Outcome {
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
 * @returns the report of a run in which nothing failed
 * @throws SimulationError with the report, when something did; NetworkerError `INVALID_OPTION`; an Error when a
 * simulation runs in this process already
 */
export async function simulate(options: SimulationOptions, scenario: Scenario): Promise<SimulationReport> {
  const { report, cause } = await start(options, scenario)
  if (!report.ok) throw new SimulationError(report, { cause })
  return report
}

/** As {@link simulate}, but the report tells of failures too. */
export async function runScenario(options: SimulationOptions, scenario: Scenario): Promise<SimulationReport> {
  const { report } = await start(options, scenario)
  return report
}

async function start(options: SimulationOptions, scenario: Scenario): Promise<Outcome> {
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
): Promise<Outcome> {
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
  const { failures, cause, faults, ...links } = run.outcome
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

function describe({ failures, leaks, seed, command }: SimulationReport): string {
  const [first, ...others] = failures
  const more = `(and ${others.length} more ${others.length === 1 ? 'failure' : 'failures'})`
  return [
    ...(first ? [`at ${inSeconds(first.time)}: ${first.message}`] : []),
    ...(others.length > 0 ? [more] : []),
    ...(leaks.length > 0 ? [['left behind:', ...leaks].join('\n  ')] : []),
    `Seed ${seed}. Repeat it: ${command}`
  ].join('\n\n')
}
