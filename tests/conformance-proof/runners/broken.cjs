const { MemoryNetwork } = require('@basestore/transport-memory')

module.exports = {
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
