const { MemoryNetwork } = require('@basestore/transport-memory')

module.exports = {
  name: 'memory',
  createNetwork() {
    const network = new MemoryNetwork()
    return { createTransport: () => network.transport(), close() {} }
  }
}
