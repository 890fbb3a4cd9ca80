import type { Simulation } from '../../../src/simulation/index.js'

export const options = { limits: { time: 5_000 } }

/** Waits for ever. With seed 1, time passes meanwhile. */
export default async function waiting(sim: Simulation): Promise<void> {
  if (sim.seed === 1) setInterval(() => {}, 100)
  await new Promise(() => {})
}
