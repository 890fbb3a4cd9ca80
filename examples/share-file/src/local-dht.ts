import { createTestnet } from '@basestore/testnet'

/** A DHT on this machine. No other network is needed. */
export interface LocalDht extends AsyncDisposable {
  /** For `--bootstrap`, `host:port`. */
  readonly bootstrap: string
}

export async function startLocalDht(): Promise<LocalDht> {
  const testnet = await createTestnet()
  const { host, port } = testnet.bootstrap[0]!
  return {
    bootstrap: `${host}:${port}`,
    [Symbol.asyncDispose]: () => testnet.destroy()
  }
}
