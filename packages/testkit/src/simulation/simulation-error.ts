import { inSeconds } from '../in-seconds.js'
import type { SimulationReport } from './report.js'

/**
 * `simulate` throws this when something failed. Its message is the first failure and the command that repeats the run;
 * its cause is that failure.
 */
export class SimulationError extends Error {
  override readonly name = 'SimulationError'
  readonly code = 'SIMULATION_FAILED'
  readonly report: SimulationReport

  constructor(report: SimulationReport, options?: ErrorOptions) {
    super(describe(report), options)
    this.report = report
  }
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
