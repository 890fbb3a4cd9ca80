export {
  type CaseOutcome,
  type ConformanceReport,
  describeTransport,
  type FixtureNetwork,
  type NetworkFaults,
  type Runner,
  type RunOptions,
  runTransportCases,
  type TransportFixture
} from './conformance/index.js'
export type { WaitOptions } from './deadline.js'
export type { TestPeer } from './group.js'
export type { Each, GivenName, NameOf, Peers, Several } from './names.js'
export { type CreateNetworkersOptions, createNetworkers, type Networkers } from './networkers.js'
export { replicated } from './replicated.js'
export * from './simulation/index.js'
export type { ReplicatedCore, TestCore, TestStore } from './store.js'
export type { Topology } from './topology.js'
export { waitForPeers } from './wait-for-peers.js'
