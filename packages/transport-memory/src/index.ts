export type { DiscoveryOptions } from './discovery/options.js'
export type { Distribution } from './distribution.js'
export type { NetworkEvent, OnEvent } from './events.js'
export type { CorruptOptions, OneWay, PartitionOptions } from './faults/fault-injector.js'
export type { DialFailure, Frame, Rule, Undo } from './faults/faults.js'
export type { Selector } from './faults/selector.js'
export type { Split, SplitKind, SplitOptions } from './faults/split.js'
export type { Host, HostOptions, Nat } from './host.js'
export type { Verdict } from './links/direction.js'
export type { InFlight } from './links/in-flight.js'
export type { Shape } from './links/shape.js'
export { MemoryNetwork } from './network.js'
export type { KillOptions, MemoryNetworkOptions } from './network-options.js'
export { Random } from './random.js'
export { type Clock, RealClock } from './time/clock.js'
export type { Scheduled } from './time/event-queue.js'
export {
  type RunLimits,
  type RunOptions,
  type StuckReason,
  VirtualClock,
  type VirtualClockOptions
} from './time/virtual-clock.js'
