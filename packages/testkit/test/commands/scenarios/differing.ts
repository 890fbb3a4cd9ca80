import type { Simulation } from '../../../src/simulation/index.js'

/** Its trace depends on the process. */
export default function differing(sim: Simulation): void {
  sim.note('begun')
  sim.note(`process ${process.pid}`)
}
