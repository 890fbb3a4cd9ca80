import { Extensions } from '@basestore/extensions'
import type { NoiseStream, Transport } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { Duplex } from 'streamx'
import { HUB_EXTENSION } from '../../contenders/hub.js'

/** Peers that are as small as can be: a transport, and streams to which they write a recorded greeting. */
export interface Remotes {
  readonly publicKeys: readonly Uint8Array[]
  close(): Promise<void>
}

/**
 * Starts peers that announce a topic. They have no Protomux of their own, so that they cost the same whatever hub
 * connects to them.
 *
 * @param greeting the frames that each peer writes to each stream
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
    await transport.start({
      keyPair,
      signal,
      wants: () => true,
      refuse: (stream) => void stream.destroy(),
      connected,
      fault: noop,
      online: noop,
      note: noop
    })
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

/** Records the frames by which a networker opens its channel, with one extension. */
export async function recordGreeting(): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  const recorder = new Duplex({
    write(frame, done) {
      frames.push(Buffer.from(frame as Uint8Array))
      done(null)
    }
  })
  const extensions = new Extensions()
  extensions.register(HUB_EXTENSION)
  extensions.attach(recorder as never, {})
  await new Promise<void>((resolve) => setImmediate(resolve))
  return frames
}

function noop(): void {}
