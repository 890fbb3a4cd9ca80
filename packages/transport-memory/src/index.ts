export type { DiscoveryOptions } from './discovery/options.js'
export type { Distribution } from './distribution.js'
export type { NetworkEvent, OnEvent } from './events.js'
export type { FaultInjector } from './faults/fault-injector.js'
export type { CorruptOptions, KillOptions, OneWay, PartitionOptions } from './faults/fault-options.js'
export type { Undo } from './faults/faults.js'
export type { DialFault } from './faults/injected-fault.js'
export type { Frame, Rule, Verdict } from './faults/rule.js'
export type { Selector } from './faults/selector.js'
export type { Split, SplitKind, SplitOptions } from './faults/split.js'
export type { Host, HostOptions, Nat } from './host.js'
export type { InFlight } from './links/in-flight.js'
export type { LinkShape } from './links/shape.js'
export { MemoryNetwork } from './network.js'
export type { MemoryNetworkOptions } from './network-options.js'
export { Random } from './random.js'
export { type Clock, RealClock } from './time/clock.js'
export type { Scheduled } from './time/event-queue.js'
export {
  type RunLimits,
  type StuckReason,
  VirtualClock,
  type VirtualClockOptions,
  type VirtualRunOptions
} from './time/virtual-clock.js'
