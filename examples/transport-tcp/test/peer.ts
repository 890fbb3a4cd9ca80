import { once } from 'node:events'
import { RecordingHost } from '@basestore/conformance'
import type { TopicMode } from '@basestore/networker/transport'
import multicastDns, { type MulticastDNS } from 'multicast-dns'
import { type TcpOptions, type TcpTransport, tcp } from '../src/index.js'

export const HOST = '127.0.0.1'
export const BOTH: TopicMode = { announce: true, lookup: true }
export const ANNOUNCE: TopicMode = { announce: true, lookup: false }
export const LOOKUP: TopicMode = { announce: false, lookup: true }

const never = new AbortController().signal

/** A transport and its host. */
export class Peer extends RecordingHost {
  readonly transport: TcpTransport

  constructor(options: TcpOptions) {
    super()
    this.transport = tcp({ host: HOST, ...options })
  }

  flush(topic: Uint8Array): Promise<void> {
    return this.transport.flush(topic, { signal: never })
  }

  connect(key: Uint8Array): Promise<void> {
    return this.transport.connect(key, { signal: never })
  }

  async stop(): Promise<void> {
    this.abort()
    for (const stream of this.streams) stream.destroy()
    await this.transport.stop()
  }
}

/** Starts peers for as long as the test runs. */
export async function withPeers(options: readonly TcpOptions[], test: (...peers: Peer[]) => Promise<void>) {
  const peers = options.map((own) => new Peer(own))
  try {
    for (const peer of peers) await peer.transport.start(peer)
    await test(...peers)
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()))
  }
}

/** Opens multicast DNS on a UDP port of loopback, for as long as `use` runs. */
export async function withEar<T>(port: number, use: (ear: MulticastDNS) => Promise<T>): Promise<T> {
  const ear = multicastDns({ port, interface: HOST, bind: '0.0.0.0' })
  try {
    await once(ear, 'ready')
    return await use(ear)
  } finally {
    await new Promise<void>((resolve) => ear.destroy(resolve))
  }
}
