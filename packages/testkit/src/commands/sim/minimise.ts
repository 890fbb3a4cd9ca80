import type { SimulationReport } from '../../simulation/report.js'
import { attempt, type RunResult } from './attempt.js'
import type { Pool } from './pool.js'
import { shrink } from './shrink.js'

export interface Minimised extends RunResult {
  /** The numbers of the fewest faults with which the run still fails. */
  readonly faults?: readonly number[]
}

/**
 * Finds the fewest faults with which a run still fails, and runs it once more with those in a new process.
 *
 * @param ontry called before each try, with the number of faults
 */
export async function minimise(
  pool: Pool,
  file: string,
  failure: RunResult,
  ontry: (count: number) => void
): Promise<Minimised> {
  const { seed, report } = failure
  if (!report || failure.error || report.faults.length === 0) return failure
  const faults = await shrink(
    report.faults.map(({ id }) => id),
    async (part) => {
      ontry(part.length)
      const again = await attempt(pool, { file, seed, faults: part })
      return again.report !== undefined && failsLike(again.report, report)
    }
  )
  const last = await attempt(pool, { file, seed, faults }, { fresh: true })
  if (last.report && failsLike(last.report, report)) return { ...last, faults }
  return {
    ...failure,
    error: `with the faults ${faults.join(', ')} it failed, and in another process it did not`
  }
}

/** A `sometimes` check may fail only because faults were left out. That does not count as the same failure. */
function failsLike(report: SimulationReport, original: SimulationReport): boolean {
  if (hasFailed(original)) return hasFailed(report)
  return original.leaks.length > 0 ? report.leaks.length > 0 : !report.ok
}

function hasFailed({ failures }: SimulationReport): boolean {
  return failures.some(({ message }) => !message.startsWith('sometimes: '))
}
