// Makes a networker of 1.x whose traffic stays on loopback.
const { EventEmitter } = require('node:events')
const path = require('node:path')

silenceMulticast()

const hyperswarm = require('hyperswarm')
const Networker = require('@corestore/networker')

// 1.x drops connections from 127.0.0.1, so its sockets claim to come from this address.
const DISGUISE = '127.0.0.2'

/** Opens a networker that has entered the DHT. Otherwise the first `configure` would enter it. */
module.exports = async function openNetworker(store, known) {
  const bootstrap = known.map(({ host, port }) => `${host}:${port}`)
  const swarm = hyperswarm({ bootstrap, announceLocalNetwork: true, queue: { multiplex: true } })
  swarm.on('connection', (socket) => Object.defineProperty(socket, 'remoteAddress', { value: DISGUISE }))
  const networker = new Networker(store, { swarm })
  await networker.listen()
  await new Promise((resolve, reject) => swarm.listen(0, (error) => (error ? reject(error) : resolve())))
  await new Promise((resolve) => swarm.network.discovery.dht.ready(resolve))
  return networker
}

// Multicast would find peers without the DHT, and peers of other runs.
function silenceMulticast() {
  class SilentMulticast extends EventEmitter {
    query() {}
    response() {}
    destroy() {}
  }
  const discovery = path.dirname(require.resolve('@hyperswarm/discovery'))
  const multicast = require.resolve('multicast-dns', { paths: [discovery] })
  require(multicast)
  require.cache[multicast].exports = () => new SilentMulticast()
}
