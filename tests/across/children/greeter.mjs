// One networker without a store, in a process of its own. It greets each peer in `peer-add`, and reports what it is told.
// argv: the bootstrap nodes of a DHT, the seed of its key pair in hex, a topic in hex, its greeting.
import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import HyperDHT from 'hyperdht'
import { localNode } from '../../support/local-node.mjs'

const [nodes, seed, topic, greeting] = process.argv.slice(2)
const store = { replicate() {}, closing: null }
const networker = new Networker(store, {
  keyPair: HyperDHT.keyPair(Buffer.from(seed, 'hex')),
  transports: [hyperswarm({ dht: localNode(JSON.parse(nodes)) })]
})
const x = networker.registerExtension('greeting', {
  encoding: 'utf8',
  onmessage: (text) => process.send({ event: 'greeting', text })
})
networker.on('peer-add', (peer) => {
  x.send(greeting, peer)
  process.send({ event: 'peer-add' })
})
networker.on('peer-remove', () => process.send({ event: 'peer-remove' }))
networker.on('fault', ({ code, message }) => process.send({ event: 'fault', text: code ?? message }))
process.once('disconnect', () => process.exit())
await networker.configure(Buffer.from(topic, 'hex'), { flush: false })
