import type { VirtualClock } from '@basestore/transport-memory'
import type { TestStore } from '../networks/store.js'

/** What RocksDB, and the store above it, tell of their state. They work in threads that nothing else shows. */
interface Lifecycle {
  readonly closing: unknown
  readonly closed: boolean
}

interface RocksStore extends Lifecycle {
  readonly storage: {
    readonly rocks: { readonly _state: Lifecycle & { readonly io: { isIdle(): boolean } } }
  }
}

/** Lets no time pass while a store's RocksDB works. @returns ends that */
export function waitForRocks(store: TestStore, clock: VirtualClock): () => void {
  const known = store as unknown as RocksStore
  const { _state: state } = known.storage.rocks
  let isOpening = true
  const opened = () => {
    isOpening = false
  }
  store.ready().then(opened, opened) // one that cannot open would be opening for ever
  const isSettled = ({ closing, closed }: Lifecycle) => !closing || closed
  return clock.waitFor(() => !isOpening && state.io.isIdle() && isSettled(state) && isSettled(known))
}
