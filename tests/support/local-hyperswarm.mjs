import Hyperswarm from 'hyperswarm'
import { localNode } from './local-node.mjs'

/** Hyperswarm on the local DHT whose bootstrap nodes are in LOCAL_DHT. */
export default class LocalHyperswarm extends Hyperswarm {
  constructor(options = {}) {
    super(options.dht ? options : { ...options, dht: localNode(JSON.parse(process.env.LOCAL_DHT)) })
  }
}
