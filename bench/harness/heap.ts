import { setTimeout as pause } from 'node:timers/promises'

/** Bytes: what differs by less is the same. */
const SAME = 4_096
/** So many readings in a row that are no lower than the lowest before. */
const AT_REST = 3

/**
 * Bytes of what is alive: V8's heap, and what array buffers hold beside it. It collects until nothing more goes, with
 * turns of the event loop between, since what is weakly held goes later. Needs `--expose-gc`.
 */
export async function settledHeap(): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY
  for (let resting = 0; resting < AT_REST; ) {
    globalThis.gc!()
    await pause(10)
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    const bytes = heapUsed + arrayBuffers
    resting = bytes > lowest - SAME ? resting + 1 : 0
    lowest = Math.min(lowest, bytes)
  }
  return lowest
}
