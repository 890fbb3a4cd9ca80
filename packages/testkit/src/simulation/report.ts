/** What came of a run. */
export interface SimulationReport {
  readonly ok: boolean
  readonly name: string
  readonly seed: number | string
  /** SHA-256 of the trace, hex: of one scenario and seed always the same. */
  readonly hash: string
  /** Milliseconds that passed in the simulation. */
  readonly virtualTime: number
  /** Milliseconds that it took. */
  readonly wallTime: number
  /** All that the clock ran: frames, timers and the rest. */
  readonly events: number
  /** How many arrived. */
  readonly frames: number
  /** How many never did: their links broke, or somebody dropped them. */
  readonly lost: number
  /** In frames that arrived, over all links. */
  readonly bytes: number
  /** The most resident memory of the process, in bytes, as far as it was looked at. */
  readonly peakMemory: number
  readonly failures: readonly SimulationFailure[]
  /** What was left when all peers had closed: timers, handles, listeners, streams. */
  readonly leaks: readonly string[]
  /** What chaos planned, by the numbers that `--faults` takes: also what it left out. */
  readonly faults: readonly PlannedFault[]
  /** The command that repeats the run. */
  readonly command: string
}

export interface SimulationFailure {
  /** Virtual milliseconds. */
  readonly time: number
  readonly message: string
  readonly stack?: string
}

export interface PlannedFault {
  /** From 1, in the order of their times. */
  readonly id: number
  /** Virtual milliseconds. */
  readonly time: number
  /** How long it lasts, in milliseconds. */
  readonly duration: number
  readonly kind: string
  /** Names of the peers whom it concerns; none where that is left to the moment, as in a split. */
  readonly who: readonly string[]
}
