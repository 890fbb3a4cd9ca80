import { once } from 'node:events'
import type Hyperswarm from 'hyperswarm'

/** Resolves at the first such event after which the condition holds, at once if it holds already. */
export async function until(
  swarm: Hyperswarm,
  event: 'update' | 'ban',
  condition: () => boolean
): Promise<void> {
  while (!condition()) await once(swarm, event)
}
