import type { Simulation } from '../../src/index.js'

/** Ends its process with the seeds 1 and 2, with 2 once the run is over. */
export default async function ending(sim: Simulation): Promise<void> {
  await sim.peer('a')
  if (sim.seed === 1) process.exit(0)
  if (sim.seed === 2) setImmediate(() => Promise.resolve().then(() => process.nextTick(fail)))
  await sim.sleep(1)
}

function fail(): void {
  throw new Error('nobody catches this')
}
