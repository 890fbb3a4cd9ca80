// Listens with plain Hyperswarm and never looks at the errors of its connections.
import HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'

const bootstrap = JSON.parse(process.argv[2])
const swarm = new Hyperswarm({ dht: new HyperDHT({ bootstrap, ephemeral: true, host: '127.0.0.1' }) })

swarm.on('connection', (connection) => {
  connection.on('close', () => {
    console.log('survived')
    setImmediate(() => process.exit(0))
  })
  process.send({ connected: true })
})
await swarm.listen()
process.send({ publicKey: swarm.keyPair.publicKey.toString('hex') })
