import type { Simulation, SimulationOptions } from '@basestore/testkit/simulation'
import { JumpingClock } from './jumping-clock.js'
import { Stage } from './stage.js'

const ROUNDS = 2

const discovery = {
  announceDelay: { uniform: [10, 200] },
  lookupDelay: { uniform: [10, 400] },
  ttl: 30_000,
  refresh: 5_000,
  missed: 0.1
} as const

export const options: SimulationOptions = { link: { latency: { uniform: [10, 90] } }, discovery }

/**
 * Programs with lasting keys crash, quit, start again, run twice at once, refuse each other, and are cut off. In odd seeds
 * they have two transports. Whenever all is quiet, each is connected to each over one stream, and each has greeted the
 * other once.
 */
export default async function runs(sim: Simulation): Promise<void> {
  const clock = new JumpingClock()
  const stage = new Stage(sim, discovery)
  try {
    for (const program of stage.programs) await program.start()
    stage.shape()
    for (let round = 1; round <= ROUNDS; round++) {
      await stage.chaos(round, clock)
      await stage.settle()
    }
    await Promise.all(stage.programs.map(({ run }) => run!.quit()))
    stage.check(stage.links === 0, `${stage.links} links are left`)
  } finally {
    clock.restore()
    await stage.end()
  }
}
