/** The result of a run. */
export interface SimulationReport {
  /** Whether nothing failed and nothing was left behind. */
  readonly ok: boolean
  readonly name: string
  readonly seed: number | string
  /** SHA-256 of the trace, in hex. The same scenario and seed always give the same hash. */
  readonly hash: string
  /** Milliseconds that passed in the simulation. */
  readonly virtualTime: number
  /** Real milliseconds that the run took. */
  readonly wallTime: number
  /** How many events the clock ran: frames, timers and everything else. */
  readonly events: number
  /** How many frames arrived. */
  readonly frames: number
  /** How many frames never arrived, because their link broke or an injected fault dropped them. */
  readonly lost: number
  /** Bytes of the frames that arrived, over all links. */
  readonly bytes: number
  /** The most resident memory of the process that was measured, in bytes. It is measured now and then. */
  readonly peakMemory: number
  readonly failures: readonly SimulationFailure[]
  /** Timers, handles, listeners and streams that were left after all peers had closed. */
  readonly leaks: readonly string[]
  /** All faults that chaos planned, also those that were left out. Their numbers are those of `--faults`. */
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
  /** Counted from 1, in the order of their times. */
  readonly id: number
  /** Virtual milliseconds. */
  readonly time: number
  /** How long it lasts, in milliseconds. */
  readonly duration: number
  readonly kind: string
  /** Names of the peers that it concerns. Empty where that is decided when it begins, as for a split. */
  readonly who: readonly string[]
}
