import HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'

/** Hyperswarm on the local DHT in LOCAL_DHT, bound to the same address. */
export default class LocalHyperswarm extends Hyperswarm {
  constructor(options = {}) {
    const bootstrap = JSON.parse(process.env.LOCAL_DHT)
    super(options.dht ? options : { ...options, dht: new HyperDHT({ bootstrap, host: bootstrap[0].host }) })
  }
}
