import type Protomux from 'protomux'
import { malformed } from './wire.js'

/** Protomux never puts a batch into a batch. Another implementation may, up to this depth. */
const MAX_DEPTH = 16

/**
 * Refuses deeply nested batches. Without it, a frame of 25 KB overflows the stack. Protomux rethrows that error
 * outside of every caller, and the process ends. A refused batch destroys its stream only.
 */
export function guardBatches(mux: Protomux): void {
  // The guard is an own property of the mux, so a second copy of this package sees that it is there.
  if (Object.hasOwn(mux, '_onbatch')) return
  const batching = mux as unknown as { _onbatch(state: unknown): void }
  const onbatch = batching._onbatch
  let depth = 0
  batching._onbatch = (state) => {
    if (depth === MAX_DEPTH) throw malformed(`nested more than ${MAX_DEPTH} batches`)
    depth++
    try {
      onbatch.call(mux, state)
    } finally {
      depth--
    }
  }
}
