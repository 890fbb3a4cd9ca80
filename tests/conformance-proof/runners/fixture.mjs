// The memory transport, tested as an author outside of this repository would test it.
import { MemoryNetwork } from '@basestore/transport-memory'

export default {
  name: 'memory',
  createNetwork() {
    const network = new MemoryNetwork()
    return { createTransport: () => network.transport(), close() {} }
  }
}
