import type { SimulationReport } from '../../simulation/report.js'
import { RunEnded } from './child.js'
import type { Pool, PoolRunOptions } from './pool.js'
import type { Task } from './protocol.js'
import { repeatCommand } from './repeat-command.js'

/** The result of a run: its report, or why there is none. */
export interface RunResult {
  readonly ok: boolean
  readonly seed: number | string
  readonly report?: SimulationReport
  readonly error?: string
  /** The command that repeats the run. */
  readonly command: string
}

/** Runs a task. @throws Refusal when the scenario cannot run at all, and the reason of the pool's signal */
export async function attempt(pool: Pool, task: Task, options: PoolRunOptions = {}): Promise<RunResult> {
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
