import type { SimulationReport } from '../../simulation/report.js'
import { RunEnded } from './child.js'
import type { Pool, RunOptions } from './pool.js'
import { repeatCommand } from './repeat-command.js'
import type { Task } from './worker.js'

/** What came of a run: a report, or why there is none. */
export interface Outcome {
  readonly ok: boolean
  readonly seed: number | string
  readonly report?: SimulationReport
  readonly error?: string
  /** The command that repeats it. */
  readonly command: string
}

/** @throws what says that the scenario cannot run at all, or that all is to end */
export async function attempt(pool: Pool, task: Task, options: RunOptions = {}): Promise<Outcome> {
  const { file, faults } = task
  try {
    const report = await pool.run(task, options)
    const { ok, seed } = report
    const command = repeatCommand(file, seed, faults)
    return { ok, seed, report: { ...report, command }, command }
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error
    const seed = error.seed ?? task.seed ?? 0
    return { ok: false, seed, error: error.message, command: repeatCommand(file, seed, faults) }
  }
}
