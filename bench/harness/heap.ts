import { setTimeout as pause } from 'node:timers/promises'

/** Readings that differ by less than this (bytes) count as equal. */
const SAME = 4_096
/** Readings in a row that bring nothing new, after which we stop collecting. */
const AT_REST = 3

/**
 * Bytes that are alive: V8's heap, and the array buffers beside it. Collects garbage until the heap shrinks no more.
 * Between two collections the event loop turns, because weakly held objects go a turn later. Needs `--expose-gc`.
 */
export async function heapAtRest(): Promise<number> {
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
