import type { SimulationReport } from '../../src/simulation/report.js'

/** The report of a run without failures. */
export function report(given: Partial<SimulationReport> = {}): SimulationReport {
  return {
    ok: true,
    name: 'five peers',
    seed: 7,
    hash: '5f2c9d0e'.repeat(8),
    virtualTime: 60_000,
    wallTime: 812.5,
    events: 12_345,
    frames: 0,
    lost: 0,
    bytes: 0,
    peakMemory: 183 * 2 ** 20,
    failures: [],
    leaks: [],
    faults: [],
    command: 'npx basestore-sim run five-peers.mjs --seed 7',
    ...given
  }
}
