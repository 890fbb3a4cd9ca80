import { inSeconds } from '../../in-seconds.js'
import type { SimulationReport } from '../../simulation/report.js'
import type { RunResult } from './attempt.js'

const MIB = 1024 * 1024

/** A run's result as text. @param wrote the files that were written */
export function describeResult(
  { report, seed, error, command }: RunResult,
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
    `  ${inSeconds(virtualTime)} virtual in ${inSeconds(wallTime)}, ${events} events`,
    `  ${frames} frames${lost > 0 ? ` and ${lost} lost` : ''}, ${bytes} bytes, at most ${Math.round(peakMemory / MIB)} MiB of memory`,
    `  trace ${hash}`,
    ...wrote.map((file) => `  wrote ${file}`),
    ...report.failures.map(({ time, message }) => `\n${inSeconds(time)}: ${message}`),
    ...report.leaks.map((leak) => `\nleft behind: ${leak}`),
    `${ok ? '  ' : '\n'}Repeat it: ${command}`
  ].join('\n')
}

/** @param faults the numbers of the faults with which the run still fails */
export function describePlan(planned: SimulationReport['faults'], faults: readonly number[]): string {
  const chosen = planned.filter(({ id }) => faults.includes(id))
  return [
    `The smallest plan of faults that still fails: ${chosen.length} of ${planned.length}`,
    ...chosen.map(
      ({ id, time, kind, who, duration }) =>
        `  ${id}: ${inSeconds(time)} ${kind} ${who.join(', ') || 'all'}, for ${inSeconds(duration)}`
    )
  ].join('\n')
}
