import { NetworkerError } from '@basestore/networker'
import type { RunLimits, StuckReason } from '@basestore/transport-memory'
import type { Run } from './run.js'

/** How often the end of a run is tried when timers throw meanwhile. */
const ATTEMPTS = 3

interface Progress {
  /** Whether the run was told that it is beyond a limit. After that it may go on in order to clean up. */
  isOverLimit: boolean
}

/**
 * Runs a scenario in virtual time, and then ends everything that the scenario left going. Failures go to the run.
 *
 * @throws NetworkerError `UNSUPPORTED` when virtual time runs in this process already
 */
export async function inVirtualTime(run: Run, scenario: () => void | Promise<void>): Promise<void> {
  const progress = { isOverLimit: false }
  await phase(run, () => run.perform(scenario), progress)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await phase(run, () => run.close(), progress)) !== 'threw') return
  }
}

async function phase(
  run: Run,
  work: () => Promise<void>,
  progress: Progress
): Promise<'done' | 'threw' | 'stuck'> {
  const { clock } = run
  let state: 'waiting' | 'begun' | 'stuck' = 'waiting'
  const begin = () => {
    state = 'begun'
    return work()
  }
  const onstuck = (reason: StuckReason) => {
    state = 'stuck'
    if (reason !== 'deadlock' && progress.isOverLimit) return
    progress.isOverLimit ||= reason !== 'deadlock'
    run.stop(describeStuck(reason, clock.limits))
  }
  try {
    await clock.run(begin, { onstuck })
    return 'done'
  } catch (error) {
    switch (state as 'waiting' | 'begun' | 'stuck') {
      case 'waiting':
        throw new NetworkerError(
          'UNSUPPORTED',
          'a simulation runs in this process already; await it first, or run this one in another process',
          { cause: error }
        )
      case 'begun': // a timer threw
        run.abandon(error)
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
