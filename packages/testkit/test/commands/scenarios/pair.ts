import type { Simulation } from '../../../src/simulation/index.js'

export default async function pair(sim: Simulation): Promise<void> {
  await sim.peers(2)
  await sim.connect('full')
  await sim.sleep(sim.random('pause').below(1_000))
  console.log(`linked at ${sim.now} ms`)
}
