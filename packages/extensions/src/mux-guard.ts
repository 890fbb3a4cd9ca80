import type Protomux from 'protomux'

/** Protomux puts no batch into a batch. The rest is room for another implementation that does. */
const MAX_DEPTH = 16

/**
 * Refuses batches that are nested deeply: a frame of 25 KB otherwise overflows the stack, which Protomux rethrows
 * outside of all callers, and the process ends. A refused batch ends its stream only.
 */
export function guardBatches(mux: Protomux): void {
  // An own property: once per mux, also when two copies of this package are loaded.
  if (Object.hasOwn(mux, '_onbatch')) return
  const batching = mux as unknown as { _onbatch(state: unknown): void }
  const onbatch = batching._onbatch
  let depth = 0
  batching._onbatch = (state) => {
    if (depth === MAX_DEPTH) throw new Error(`nested more than ${MAX_DEPTH} batches`)
    depth++
    try {
      onbatch.call(mux, state)
    } finally {
      depth--
    }
  }
}
