import HyperDHT from 'hyperdht'

/**
 * A node of a local DHT, in another process than the DHT itself. It binds to the DHT's own address.
 *
 * @param {readonly { host: string; port: number }[]} bootstrap the DHT's nodes to enter it by
 */
export function localNode(bootstrap) {
  return new HyperDHT({ bootstrap, host: bootstrap[0].host })
}
