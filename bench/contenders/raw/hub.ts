import type { MemoryNetwork } from '@basestore/transport-memory'
import { openStore } from '../../harness/open-store.js'
import { bareHub } from '../bare/hub.js'
import type { Hub } from '../hub.js'

/** A Corestore that replicates on the streams of the memory network's transport. */
export async function rawHub(network: MemoryNetwork, directory: string): Promise<Hub> {
  const store = await openStore(directory, 'hub')
  const hub = bareHub(network, (stream) => store.replicate(stream))
  return { ...hub, dispose: () => store.close() }
}
