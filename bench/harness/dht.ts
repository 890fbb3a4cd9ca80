import HyperDHT from 'hyperdht'

/** The nodes of a DHT that are known beforehand. */
export type Bootstrap = readonly { readonly host: string; readonly port: number }[]

/** A node on the interface of those that it asks first. Resolves when it knows its neighbours. */
export async function enterDht(bootstrap: Bootstrap): Promise<HyperDHT> {
  const dht = new HyperDHT({ bootstrap: [...bootstrap], host: bootstrap[0]!.host })
  await dht.fullyBootstrapped()
  return dht
}
