// One networker in a process of its own, on the DHT and with the store's directory in argv. It does what it is told, and reports its peers.
import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import Corestore from 'corestore'
import HyperDHT from 'hyperdht'

const [nodes, directory] = process.argv.slice(2)
const bootstrap = JSON.parse(nodes)
const store = new Corestore(directory)
let networker = null
let dht = null

process.once('disconnect', () => process.exit())
process.on('message', async ({ prepare, configure }) => {
  if (prepare) await fresh()
  if (configure) {
    await networker.configure(configure)
    process.send({ configured: true })
  }
})

async function fresh() {
  await networker?.close()
  await dht?.destroy()
  dht = new HyperDHT({ bootstrap, host: bootstrap[0].host })
  networker = new Networker(store, { transports: [hyperswarm({ dht })] })
  for (const event of ['peer-add', 'peer-remove']) {
    networker.on(event, () => process.send({ peers: networker.peers.size }))
  }
  await dht.fullyBootstrapped()
  process.send({ ready: networker.keyPair.publicKey.toString('hex') })
}
