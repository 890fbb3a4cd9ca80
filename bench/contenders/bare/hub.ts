import type { NoiseStream } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Protomux from 'protomux'
import { type Hub, LOOKUP } from '../hub.js'

/** Interval of the keep-alive (ms), as Hyperswarm sets it on its streams. */
const KEEP_ALIVE = 5_000

/** The memory network's transport by itself, with nothing but a Protomux on each stream. */
export function bareHub(
  network: MemoryNetwork,
  attach: (stream: NoiseStream) => unknown = (stream) => Protomux.from(stream)
): Hub {
  const transport = network.transport()
  const stopping = new AbortController()
  const { signal } = stopping
  const keyPair = NoiseSecretStream.keyPair()
  const streams = new Set<NoiseStream>()
  let onopen = () => {}
  const connected = (stream: NoiseStream) => {
    stream.on('error', () => {})
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
    if (stream.keepAlive === 0) stream.setKeepAlive(KEEP_ALIVE)
    attach(stream)
    onopen()
  }
  const fault = (error: unknown) => {
    throw error
  }
  return {
    async connect(topic, count) {
      const opened = new Promise<void>((resolve) => {
        onopen = () => streams.size === count && resolve()
      })
      await transport.start({
        keyPair,
        signal,
        wants: () => true,
        refuse: (stream) => void stream.destroy(),
        connected,
        fault,
        online() {},
        note() {}
      })
      transport.join(topic, LOOKUP)
      await opened
      return Array.from(streams, ({ remotePublicKey }) => remotePublicKey)
    },
    async close() {
      stopping.abort()
      const closed = [...streams].map(
        (stream) => new Promise<void>((resolve) => stream.once('close', resolve))
      )
      for (const stream of streams) stream.end()
      await Promise.all([...closed, transport.stop()])
    },
    async dispose() {}
  }
}
