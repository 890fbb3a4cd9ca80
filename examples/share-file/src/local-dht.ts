import createTestnet from 'hyperdht/testnet.js'

/** With fewer, nodes do not trust what they learn of their own address, and store little. */
const NODES = 10

export interface LocalDht extends AsyncDisposable {
  /** For `--bootstrap`. */
  readonly bootstrap: string
}

/** A whole DHT on 127.0.0.1, for which no network is needed. */
export async function startLocalDht(): Promise<LocalDht> {
  const testnet = await createTestnet(NODES)
  const [{ host, port } = { host: '', port: 0 }] = testnet.bootstrap
  return {
    bootstrap: `${host}:${port}`,
    [Symbol.asyncDispose]: () => testnet.destroy()
  }
}
