import type { NoiseStream } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'

/** Someone on a memory network who has the key and no manners: a bare stream for each connection. */
export class Stranger {
  readonly #stopping = new AbortController()
  readonly #transport
  readonly #waiting: ((stream: NoiseStream) => void)[] = []

  constructor(network: MemoryNetwork) {
    this.#transport = network.transport()
    void this.#transport.start({
      keyPair: NoiseSecretStream.keyPair(),
      signal: this.#stopping.signal,
      wants: () => true,
      fault: () => {},
      connected: (stream) => {
        stream.on('error', () => {})
        this.#waiting.shift()?.(stream)
      }
    })
  }

  /** Connects to a networker. */
  dial(remotePublicKey: Uint8Array): Promise<NoiseStream> {
    const connected = new Promise<NoiseStream>((resolve) => this.#waiting.push(resolve))
    void this.#transport.connect!(remotePublicKey, { signal: this.#stopping.signal })
    return connected
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#transport.stop()
  }
}
