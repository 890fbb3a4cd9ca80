export { type Clock, RealClock } from './clock.js'
export type { Verdict } from './direction.js'
export type { DiscoveryOptions } from './discovery-options.js'
export type { Distribution } from './distribution.js'
export type { Scheduled } from './event-queue.js'
export type { NetworkEvent, OnEvent } from './events.js'
export type { CorruptOptions, OneWay, PartitionOptions } from './fault-kinds.js'
export type { DialFailure, Frame, Rule, Undo } from './faults.js'
export type { Host, HostOptions, Nat } from './host.js'
export type { InFlight } from './in-flight.js'
export { MemoryNetwork } from './network.js'
export type { KillOptions, MemoryNetworkOptions } from './network-options.js'
export { Random } from './random.js'
export type { Selector } from './selector.js'
export type { Shape } from './shape.js'
export type { Split, SplitKind, SplitOptions } from './split.js'
export {
  type RunLimits,
  type RunOptions,
  type StuckReason,
  VirtualClock,
  type VirtualClockOptions
} from './virtual-clock.js'
