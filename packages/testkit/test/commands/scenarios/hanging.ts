import type { Simulation } from '../../../src/simulation/index.js'

export const options = { limits: { wall: 100 } }

/** Never returns to the event loop, as an endless loop would, but uses no CPU time. */
export default function hanging(_sim: Simulation): void {
  console.log(`process ${process.pid}`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
