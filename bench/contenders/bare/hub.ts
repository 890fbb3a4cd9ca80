import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Networker, type NoiseStream, type Transport } from '@basestore/networker'
import type { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import Protomux from 'protomux'
import { NAME } from '../../processes/shared/remotes.js'

export interface HubOptions {
  /**
   * `ours` is a networker; `raw` what a Corestore replicates on; `bare` a Protomux on each stream, and nothing else.
   * The streams of all three are the memory network's.
   */
  readonly who: 'ours' | 'raw' | 'bare'
  /** Where it makes a folder for its store. */
  readonly directory: string
}

/** Someone with many peers. */
export interface Hub {
  /** Looks a topic up, and resolves when so many peers are there. @returns their public keys */
  connect(topic: Uint8Array, count: number): Promise<Uint8Array[]>
  /** Ends all streams, and waits until they are closed. */
  close(): Promise<void>
  /** Closes what only it used. */
  dispose(): Promise<void>
}

/** Milliseconds, as Hyperswarm sets it on its streams. */
const KEEP_ALIVE = 5_000
const LOOKUP = { announce: false, lookup: true }

export async function hub({ who, directory }: HubOptions, network: MemoryNetwork): Promise<Hub> {
  const transport = network.transport()
  if (who === 'bare') return plain(transport, (stream) => Protomux.from(stream))
  const store = new Corestore(await mkdtemp(join(directory, 'hub-')))
  await store.ready()
  const made = who === 'ours' ? ours(store, transport) : plain(transport, (stream) => store.replicate(stream))
  return { ...made, dispose: () => store.close() }
}

/** With one extension that all peers have too. */
function ours(store: Corestore, transport: Transport): Omit<Hub, 'dispose'> {
  const networker = new Networker(store, { transports: [transport] })
  let onopen = () => {}
  const extension = networker.registerExtension(NAME, { onopen: () => onopen() })
  return {
    async connect(topic, count) {
      const opened = new Promise<void>((resolve) => {
        onopen = () => extension.peers.size === count && resolve()
      })
      await networker.configure(topic, { ...LOOKUP, flush: false })
      await opened
      return Array.from(networker.peers, ({ remotePublicKey }) => remotePublicKey)
    },
    close: () => networker.close()
  }
}

/** The transport by itself, with something attached to each stream. */
function plain(transport: Transport, attach: (stream: NoiseStream) => unknown): Hub {
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
      await transport.start({ keyPair, signal, wants: () => true, connected, fault })
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
