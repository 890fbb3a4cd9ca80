import type { ChaosAction } from './action.js'
import { bringBack, ONE_VICTIM, victimOf } from './victim.js'

/** The blocks that the peer's store keeps. Both are equally likely. */
const KEPT = ['written', 'flushed'] as const

/** Ends a peer from one moment to the next, and starts it again. */
export const crash: ChaosAction = {
  ...ONE_VICTIM,

  begin(fault, context) {
    const { random } = fault
    const peer = victimOf(fault, context)
    const kept = KEPT[random.below(KEPT.length)]!
    const links = random.chance(1 / 2) ? 'silent' : 'reset'
    const store = context.storage === 'memory' ? kept : 'written'
    context.because(() => peer.crash({ store, links }))
    return () => bringBack(peer, context)
  }
}
