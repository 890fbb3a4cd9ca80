import type { SimulationReport } from '../../simulation/report.js'

/** The argument that makes the command a worker: a process that runs scenarios for the command. */
export const WORKER = '--worker'

/** Asks a worker to exit. */
export const END = 'end'

/** One run, as the command asks a worker for it. */
export interface Task {
  readonly file: string
  /** @default the seed of the scenario's options */
  readonly seed?: number | string
  readonly faults?: readonly number[]
  /** The file that the trace is written to. */
  readonly trace?: string
  /** Whether the worker tells how far the run is. */
  readonly progress?: boolean
}

export interface RunProgress {
  /** Virtual milliseconds. */
  readonly time: number
  readonly frames: number
  readonly events: number
}

/** A message of a worker to the command. */
export type Answer =
  /** The run begins with this seed. It may take this many real milliseconds. */
  | { readonly type: 'start'; readonly seed: number | string; readonly wall: number }
  | ({ readonly type: 'progress' } & RunProgress)
  | { readonly type: 'report'; readonly report: SimulationReport }
  /** The scenario cannot run. */
  | { readonly type: 'refusal'; readonly message: string }
