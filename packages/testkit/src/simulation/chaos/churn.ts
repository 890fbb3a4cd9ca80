import type { ChaosAction } from './action.js'
import { bringBack, ONE_VICTIM, victimOf } from './victim.js'

/** Lets a peer leave, and come back. */
export const churn: ChaosAction = {
  ...ONE_VICTIM,

  async begin(fault, context) {
    const peer = victimOf(fault, context)
    await context.because(() => peer.leave())
    return () => bringBack(peer, context)
  }
}
