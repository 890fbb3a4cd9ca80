// leave() does nothing, and there is no suspend(). The # in the name has to be escaped in TAP.
import { MemoryNetwork } from '@basestore/transport-memory'

export default {
  name: 'broken #1',
  createNetwork() {
    const network = new MemoryNetwork()
    return {
      createTransport() {
        const transport = network.transport()
        transport.leave = () => {}
        transport.suspend = undefined
        transport.resume = undefined
        return transport
      },
      close() {}
    }
  }
}
