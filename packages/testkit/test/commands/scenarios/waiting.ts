import type { Simulation } from '../../../src/simulation/index.js'

export const options = { limits: { time: 5_000 } }

/** Waits for ever: with seed 1 while time passes. */
export default async function waiting(sim: Simulation): Promise<void> {
  if (sim.seed === 1) setInterval(() => {}, 100)
  await new Promise(() => {})
}
