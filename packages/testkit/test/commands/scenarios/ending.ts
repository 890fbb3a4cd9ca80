import type { Simulation } from '../../../src/simulation/index.js'

/** Ends its process with the seeds 1 and 2. With 2, it prints something before. */
export default async function ending(sim: Simulation): Promise<void> {
  await sim.peer('a')
  if (sim.seed === 1) process.exit(0)
  if (sim.seed === 2) {
    console.error('this is the end')
    process.exit(1)
  }
  await sim.sleep(1)
}
