// Leaves in name only, has no suspend(), and says why it is named with a #.
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
