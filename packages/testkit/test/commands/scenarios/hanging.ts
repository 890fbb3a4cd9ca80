import type { Simulation } from '../../../src/simulation/index.js'

export const options = { limits: { wall: 100 } }

export default function hanging(_sim: Simulation): void {
  console.log(`process ${process.pid}`)
  for (;;);
}
