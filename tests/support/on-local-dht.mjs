// Loaded before a program of a document: every DHT of the process is the local one whose bootstrap nodes are in
// LOCAL_DHT, instead of the public one.
import { createRequire } from 'node:module'

const bootstrap = JSON.parse(process.env.LOCAL_DHT)
const require = createRequire(import.meta.url)
const users = [require, createRequire(require.resolve('@basestore/transport-hyperswarm'))]
// They are CommonJS: Hyperswarm gets what is in the cache when it is loaded, later. Both users have the same copy.
for (const dht of new Set(
  users.map((user) => createRequire(user.resolve('hyperswarm')).resolve('hyperdht'))
)) {
  createRequire(dht)('./lib/constants.js').BOOTSTRAP_NODES = bootstrap
  const HyperDHT = require(dht)
  require.cache[dht].exports = class LocalDht extends HyperDHT {
    constructor(options) {
      super({ host: bootstrap[0].host, ...options })
    }
  }
}
