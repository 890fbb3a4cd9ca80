export { describeTransport, type Runner } from './describe.js'
export type { FixtureNetwork, NetworkFaults, TransportFixture } from './fixture.js'
export type { CaseOutcome } from './outcome.js'
export { type ConformanceReport, type RunOptions, runTransportCases } from './run.js'
