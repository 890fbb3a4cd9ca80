import { Networker } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import { openStore } from '../../harness/open-store.js'
import { HUB_EXTENSION, type Hub, LOOKUP } from '../hub.js'

/** A networker on the memory network, with a Corestore and one extension. */
export async function ourHub(network: MemoryNetwork, directory: string): Promise<Hub> {
  const store = await openStore(directory, 'hub')
  const networker = new Networker(store, { transports: [network.transport()] })
  let onopen = () => {}
  const extension = networker.registerExtension(HUB_EXTENSION, { onopen: () => onopen() })
  return {
    async connect(topic, count) {
      const opened = new Promise<void>((resolve) => {
        onopen = () => extension.peers.size === count && resolve()
      })
      await networker.configure(topic, { ...LOOKUP, flush: false })
      await opened
      return Array.from(networker.peers, ({ remotePublicKey }) => remotePublicKey)
    },
    close: () => networker.close(),
    dispose: () => store.close()
  }
}
