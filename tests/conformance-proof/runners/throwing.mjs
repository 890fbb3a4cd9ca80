// Throws in a callback of its own, where no caller can catch it.
import { MemoryNetwork } from '@basestore/transport-memory'

export default {
  createNetwork() {
    const network = new MemoryNetwork()
    return {
      createTransport() {
        const transport = network.transport()
        const { join } = transport
        transport.join = (topic, mode) => {
          join.call(transport, topic, mode)
          process.nextTick(() => {
            throw new Error('nobody listens')
          })
        }
        return transport
      },
      close() {}
    }
  }
}
