import type { SimulationReport } from '../../simulation/report.js'
import { attempt, type Outcome } from './attempt.js'
import type { Pool } from './pool.js'
import { shrink } from './shrink.js'

export interface Minimised extends Outcome {
  /** The smallest plan of faults that still fails. */
  readonly faults?: readonly number[]
}

/**
 * The failure of a run with as few faults as it takes, tried once more in a process of its own.
 *
 * @param ontry told of each part of the faults that is tried
 */
export async function minimise(
  pool: Pool,
  file: string,
  failure: Outcome,
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

/** Faults that are left out make a run miss what it is to see sometimes: that is another failure. */
function failsLike(report: SimulationReport, original: SimulationReport): boolean {
  if (hasFailed(original)) return hasFailed(report)
  return original.leaks.length > 0 ? report.leaks.length > 0 : !report.ok
}

function hasFailed({ failures }: SimulationReport): boolean {
  return failures.some(({ message }) => !message.startsWith('sometimes: '))
}
