import { Extensions } from '@basestore/extensions'
import type { NoiseStream, Transport } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { Duplex } from 'streamx'

/** Of the extension that the remotes have. */
export const NAME = 'bench'

/** Peers that are as little as can be: a transport and its streams, on which they say what was recorded once. */
export interface Remotes {
  readonly publicKeys: readonly Uint8Array[]
  close(): Promise<void>
}

/**
 * @param greeting what each writes to whom it is connected to. They have no Protomux of their own: what they cost is
 * the same whoever is at the other end.
 */
export async function remotes(
  network: MemoryNetwork,
  topic: Uint8Array,
  count: number,
  greeting: readonly Uint8Array[]
): Promise<Remotes> {
  const publicKeys: Uint8Array[] = []
  const transports: Transport[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const connected = (stream: NoiseStream) => {
    stream.on('error', noop)
    stream.on('end', () => stream.end())
    stream.resume()
    for (const frame of greeting) stream.write(frame)
  }
  while (transports.length < count) {
    const keyPair = NoiseSecretStream.keyPair()
    const transport = network.transport()
    await transport.start({ keyPair, signal, wants: () => true, connected, fault: noop })
    transport.join(topic, { announce: true, lookup: false })
    publicKeys.push(keyPair.publicKey)
    transports.push(transport)
  }
  return {
    publicKeys,
    async close() {
      stopping.abort()
      await Promise.all(transports.map((transport) => transport.stop()))
    }
  }
}

/** The frames by which one of ours opens its channel, with one extension. */
export async function recordGreeting(): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  const recorder = new Duplex({
    write(frame, done) {
      frames.push(Buffer.from(frame as Uint8Array))
      done(null)
    }
  })
  const extensions = new Extensions()
  extensions.register(NAME)
  extensions.attach(recorder as never, {})
  await new Promise<void>((resolve) => setImmediate(resolve))
  return frames
}

function noop(): void {}
