// One peer of a mesh. `{ prepare: true }` makes a fresh swarm, `{ join: topic }` joins, `{ leave: true }` ends the swarm.
import Hyperswarm from 'hyperswarm'
import { localNode } from '../../support/local-node.mjs'

const bootstrap = JSON.parse(process.argv[2])
let swarm = null

process.once('disconnect', () => process.exit())
process.on('message', async (message) => {
  if (message.prepare) await prepare()
  if (message.join) swarm.join(Buffer.from(message.join, 'hex'))
  if (message.leave) await leave()
})

async function prepare() {
  const dht = localNode(bootstrap)
  swarm = new Hyperswarm({ dht })
  swarm.on('connection', (connection) => connection.on('error', () => {}))
  swarm.on('update', report)
  await dht.fullyBootstrapped()
  process.send({ ready: true })
}

async function leave() {
  swarm.removeListener('update', report)
  await swarm.destroy({ force: true })
  process.send({ left: true })
}

function report() {
  process.send({ connections: swarm.connections.size })
}
