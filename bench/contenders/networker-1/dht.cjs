// A process with the nodes of a DHT of 1.x's time.
const { once } = require('node:events')
const createDht = require('@hyperswarm/dht')
const serve = require('./serve.cjs')

const LOOPBACK = '127.0.0.1'

serve({
  /** Starts so many nodes. @returns the address of the first, by which the DHT is entered */
  async listen(nodes) {
    const first = await startNode([])
    const bootstrap = [{ host: LOOPBACK, port: first.address().port }]
    for (let others = nodes - 1; others > 0; others--) await startNode(bootstrap)
    return bootstrap
  }
})

async function startNode(known) {
  const bootstrap = known.map(({ host, port }) => `${host}:${port}`)
  const node = createDht({ bootstrap, ephemeral: false })
  node.listen(0, LOOPBACK)
  await Promise.all([once(node, 'listening'), new Promise((resolve) => node.ready(resolve))])
  return node
}
