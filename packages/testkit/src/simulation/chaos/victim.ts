import type { SimulatedPeer } from '../peer.js'
import type { ActionContext, ChaosAction, ChaosFault } from './action.js'

/** The common part of all actions that concern one running peer. */
export const ONE_VICTIM = {
  from: 'victims',
  least: 1,
  howMany: () => 1,
  obstacle: (fault, context) =>
    victimOf(fault, context)?.state === 'running' ? undefined : 'it does not run'
} satisfies Partial<ChaosAction>

export function victimOf({ who: [name] }: ChaosFault, { peers }: ActionContext): SimulatedPeer {
  return peers.get(name!)!
}

/** Starts a peer again, unless the scenario has done so. */
export async function bringBack(peer: SimulatedPeer, { isEnding }: ActionContext): Promise<void> {
  if (!isEnding() && peer.canRestart) await peer.restart()
}
