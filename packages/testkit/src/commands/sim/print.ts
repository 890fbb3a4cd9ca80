import type { SimulationReport } from '../../simulation/report.js'
import type { Outcome } from './attempt.js'

const MIB = 1024 * 1024

/** What people read of a run. @param wrote files that it wrote */
export function describeOutcome(
  { report, seed, error, command }: Outcome,
  wrote: readonly string[] = []
): string {
  if (report && !error) return describeReport(report, wrote)
  return `FAILED  seed ${seed}: ${error}\n\nRepeat it: ${command}`
}

function describeReport(report: SimulationReport, wrote: readonly string[]): string {
  const { ok, name, seed, hash, virtualTime, wallTime, events, frames, lost, bytes, peakMemory, command } =
    report
  return [
    `${ok ? 'ok' : 'FAILED'}  ${name}, seed ${seed}`,
    `  ${seconds(virtualTime)} virtual in ${seconds(wallTime)}, ${events} events`,
    `  ${frames} frames${lost > 0 ? ` and ${lost} lost` : ''}, ${bytes} bytes, at most ${Math.round(peakMemory / MIB)} MiB of memory`,
    `  trace ${hash}`,
    ...wrote.map((file) => `  wrote ${file}`),
    ...report.failures.map(({ time, message }) => `\n${seconds(time)}: ${message}`),
    ...report.leaks.map((leak) => `\nleft behind: ${leak}`),
    `${ok ? '  ' : '\n'}Repeat it: ${command}`
  ].join('\n')
}

/** @param faults of those that were planned, those that it takes */
export function describePlan(planned: SimulationReport['faults'], faults: readonly number[]): string {
  const chosen = planned.filter(({ id }) => faults.includes(id))
  return [
    `The smallest plan of faults that still fails: ${chosen.length} of ${planned.length}`,
    ...chosen.map(
      ({ id, time, kind, who, duration }) =>
        `  ${id}: ${seconds(time)} ${kind} ${who.join(', ') || 'all'}, for ${seconds(duration)}`
    )
  ].join('\n')
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}
