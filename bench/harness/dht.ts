import HyperDHT from 'hyperdht'

/** Addresses of the nodes by which a DHT is entered. */
export type Bootstrap = readonly { readonly host: string; readonly port: number }[]

/** Starts a node on the interface of the bootstrap nodes. Resolves when it knows its neighbours. */
export async function enterDht(bootstrap: Bootstrap): Promise<HyperDHT> {
  const dht = new HyperDHT({ bootstrap: [...bootstrap], host: bootstrap[0]!.host })
  await dht.fullyBootstrapped()
  return dht
}
