import { once } from 'node:events'
import type Hyperswarm from 'hyperswarm'

/** Resolves when the condition holds. It is looked at now, and after each such event. */
export async function until(
  swarm: Hyperswarm,
  event: 'update' | 'ban',
  condition: () => boolean
): Promise<void> {
  while (!condition()) await once(swarm, event)
}
