import type { NoiseStream } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'

/** A peer on a memory network that does not use a networker. Tests send what they like on its streams. */
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
      refuse: (stream) => stream.destroy(),
      online: () => {},
      note: () => {},
      connected: (stream) => {
        stream.on('error', () => {})
        this.#waiting.shift()?.(stream)
      }
    })
  }

  /** Connects to a networker. The stream has no listener yet but for errors, so nothing that it gets is lost. */
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
