import type { RunLimits, StuckReason } from '@basestore/transport-memory'
import type { Scenario } from './simulate.js'
import type { Simulation } from './simulation.js'

/** How often the end is tried when timers throw in it. */
const ATTEMPTS = 3

/**
 * Runs a scenario, and ends all that it left, in virtual time. Failures go to the simulation.
 *
 * @throws Error when virtual time runs in this process already
 */
export async function inVirtualTime(sim: Simulation, scenario: Scenario): Promise<void> {
  await phase(sim, () => sim.run(scenario))
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await phase(sim, () => sim.close())) !== 'threw') return
  }
}

async function phase(sim: Simulation, work: () => Promise<void>): Promise<'done' | 'threw' | 'stuck'> {
  const { clock } = sim
  let state: 'waiting' | 'begun' | 'stuck' = 'waiting'
  const begin = () => {
    state = 'begun'
    return work()
  }
  const onstuck = (reason: StuckReason) => {
    state = 'stuck'
    sim.stop(describeStuck(reason, clock.limits))
  }
  try {
    await clock.run(begin, { onstuck })
    return 'done'
  } catch (error) {
    switch (state as 'waiting' | 'begun' | 'stuck') {
      case 'waiting':
        throw new Error(
          'a simulation runs in this process already; await it first, or run this one in another process',
          {
            cause: error
          }
        )
      case 'begun': // a timer threw
        sim.abandon(error)
        return 'threw'
      case 'stuck':
        return 'stuck'
    }
  }
}

function describeStuck(reason: StuckReason, limits: RunLimits): string {
  if (reason === 'deadlock') return 'nothing can happen any more: no timer, no frame and no work is left'
  const units = { time: 'virtual ms', events: 'events', wall: 'real ms', memory: 'bytes of memory' }
  return `the run reached its limit of ${limits[reason]} ${units[reason]}`
}
