import type { ChaosAction } from './action.js'
import { ONE_VICTIM, victimOf } from './victim.js'

/** Stops a peer's computer for a while. */
export const pause: ChaosAction = {
  ...ONE_VICTIM,

  begin(fault, context) {
    const peer = victimOf(fault, context)
    context.because(() => peer.pause())
    return () => {
      if (peer.state === 'paused') context.because(() => peer.resume())
    }
  }
}
