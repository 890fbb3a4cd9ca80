// Joins a topic of 33 bytes with plain Hyperswarm.
import Hyperswarm from 'hyperswarm'
import { localNode } from '../../support/local-node.mjs'

const bootstrap = JSON.parse(process.argv[2])
const swarm = new Hyperswarm({ dht: localNode(bootstrap) })

try {
  const session = swarm.join(Buffer.alloc(33, 1))
  await session.flushed()
  console.log('survived')
} catch (error) {
  console.log(`refused: ${error.message}`)
}
process.exit(0)
