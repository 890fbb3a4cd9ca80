// Networkers in a process of its own. argv: the bootstrap nodes of a DHT, and a directory for the stores.
// `{ prepare: n }` starts n fresh networkers, `{ configure: topic }` configures all of them; each reports its peers.
import { join } from 'node:path'
import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import Corestore from 'corestore'
import { localNode } from '../../support/local-node.mjs'

const [nodes, directory] = process.argv.slice(2)
const bootstrap = JSON.parse(nodes)
const stores = []
let networkers = []
let dhts = []

process.once('disconnect', () => process.exit())
process.on('message', async ({ prepare, configure }) => {
  if (prepare) {
    await end()
    await start(prepare)
    process.send({ ready: true })
  }
  if (configure) {
    await Promise.all(networkers.map((networker) => networker.configure(configure)))
    process.send({ configured: true })
  }
})

async function start(count) {
  while (stores.length < count) stores.push(new Corestore(join(directory, String(stores.length))))
  dhts = Array.from({ length: count }, () => localNode(bootstrap))
  networkers = dhts.map((dht, i) => new Networker(stores[i], { transports: [hyperswarm({ dht })] }))
  for (const networker of networkers) {
    for (const event of ['peer-add', 'peer-remove']) {
      networker.on(event, () => process.send({ peers: networker.peers.size }))
    }
  }
  await Promise.all(dhts.map((dht) => dht.fullyBootstrapped()))
}

async function end() {
  await Promise.all(networkers.map((networker) => networker.close()))
  await Promise.all(dhts.map((dht) => dht.destroy()))
}
