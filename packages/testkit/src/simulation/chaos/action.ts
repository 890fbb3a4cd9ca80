import type { MemoryNetwork, Random } from '@basestore/transport-memory'
import type { SimulatedPeer } from '../peer.js'
import type { PlannedFault } from '../report.js'

/** A fault as it is planned. All of it follows from the seed, and nothing from what happens in the run. */
export interface ChaosFault extends PlannedFault {
  /** For whatever else the action draws when the fault begins. */
  readonly random: Random
}

/** The part of the run that an action needs. */
export interface ActionContext {
  readonly network: MemoryNetwork
  readonly storage: 'memory' | 'rocksdb'
  readonly peers: ReadonlyMap<string, SimulatedPeer>
  /** Does work at once. The events that the work causes get the fault's number in the trace. */
  because<T>(work: () => T): T
  /** Lets virtual milliseconds pass. Returns at once when chaos ends early. */
  sleep(ms: number): Promise<void>
  /** Whether chaos ends early, because the run does. */
  isEnding(): boolean
}

/** Ends a fault. */
export type EndFault = () => void | Promise<void>

/** One way in which chaos disturbs a run. It is a file of this folder and a line in `actions.ts`. */
export interface ChaosAction {
  /** Which peers it draws from: all, or only those that `victims` names. */
  readonly from: 'peers' | 'victims'
  /** The fewest peers to draw from. With fewer, no such fault is planned. */
  readonly least: number
  /** How many of the peers a fault concerns. 0 leaves that to the moment when it begins. */
  howMany(count: number, random: Random): number
  /** Whether it is done once it has begun, so that it has no duration. */
  readonly isMomentary?: boolean
  /** Whether beginning and ending take up the duration themselves, so that no time passes between the two. */
  readonly isGradual?: boolean
  /** Why a fault cannot begin now; undefined when it can. */
  obstacle?(fault: ChaosFault, context: ActionContext): string | undefined
  begin(fault: ChaosFault, context: ActionContext): EndFault | undefined | Promise<EndFault>
}
