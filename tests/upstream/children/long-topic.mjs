// Joins a topic of 33 bytes with plain Hyperswarm.
import HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'

const bootstrap = JSON.parse(process.argv[2])
const swarm = new Hyperswarm({ dht: new HyperDHT({ bootstrap, ephemeral: true, host: '127.0.0.1' }) })

try {
  const session = swarm.join(Buffer.alloc(33, 1))
  await session.flushed()
  console.log('survived')
} catch (error) {
  console.log(`refused: ${error.message}`)
}
process.exit(0)
