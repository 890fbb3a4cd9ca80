import type { VirtualClock } from '@basestore/transport-memory'
import type { TestStore } from '../networks/store.js'

/** The state of RocksDB, and of the store above it. Their threads are not visible in any other way. */
interface Lifecycle {
  readonly closing: unknown
  readonly closed: boolean
}

interface RocksStore extends Lifecycle {
  readonly storage: {
    readonly rocks: { readonly _state: Lifecycle & { readonly io: { isIdle(): boolean } } }
  }
}

/** Stops virtual time while a store's RocksDB works. @returns a function that ends this */
export function waitForRocks(store: TestStore, clock: VirtualClock): () => void {
  const known = store as unknown as RocksStore
  const { _state: state } = known.storage.rocks
  let isOpening = true
  const opened = () => {
    isOpening = false
  }
  store.ready().then(opened, opened) // a store that cannot open must not count as opening for ever
  const isIdle = ({ closing, closed }: Lifecycle) => !closing || closed
  return clock.waitFor(() => !isOpening && state.io.isIdle() && isIdle(state) && isIdle(known))
}
