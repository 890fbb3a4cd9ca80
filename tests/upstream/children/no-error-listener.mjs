// Listens with plain Hyperswarm, without error listeners on its connections.
import Hyperswarm from 'hyperswarm'
import { localNode } from '../../support/local-node.mjs'

const bootstrap = JSON.parse(process.argv[2])
const swarm = new Hyperswarm({ dht: localNode(bootstrap) })

swarm.on('connection', (connection) => {
  connection.on('close', () => {
    console.log('survived')
    setImmediate(() => process.exit(0))
  })
  process.send({ connected: true })
})
await swarm.listen()
process.send({ publicKey: swarm.keyPair.publicKey.toString('hex') })
