import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { KeyPair, NoiseStream, TopicMode, TransportHost } from '@basestore/networker/transport'
import multicastDns, { type MulticastDNS } from 'multicast-dns'
import { type TcpOptions, type TcpTransport, tcp } from '../src/index.js'

export const HOST = '127.0.0.1'
export const BOTH: TopicMode = { announce: true, lookup: true }
export const ANNOUNCE: TopicMode = { announce: true, lookup: false }
export const LOOKUP: TopicMode = { announce: false, lookup: true }

/** Both encodings end with the key itself. */
const KEY_BYTES = 32

const never = new AbortController().signal

/** A transport, and what a networker would be to it. */
export class Peer implements TransportHost {
  readonly transport: TcpTransport
  readonly keyPair: KeyPair = createKeyPair()
  readonly streams: NoiseStream[] = []
  readonly faults: unknown[] = []
  readonly #stopping = new AbortController()
  #waiting: (() => void)[] = []

  constructor(options: TcpOptions) {
    this.transport = tcp({ host: HOST, ...options })
  }

  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  wants = (): boolean => true

  connected = (stream: NoiseStream): void => {
    stream.on('data', () => {})
    this.streams.push(stream)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  fault = (error: unknown): void => {
    this.faults.push(error)
  }

  /** Resolves when so many streams were handed over. */
  async met(count = 1): Promise<void> {
    while (this.streams.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  flush(topic: Uint8Array): Promise<void> {
    return this.transport.flush(topic, { signal: never })
  }

  connect(key: Uint8Array): Promise<void> {
    return this.transport.connect(key, { signal: never })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const stream of this.streams) stream.destroy()
    await this.transport.stop()
  }
}

/** Starts peers, hands them to a test, and stops them whatever happens. */
export async function withPeers(options: readonly TcpOptions[], test: (...peers: Peer[]) => Promise<void>) {
  const peers = options.map((own) => new Peer(own))
  try {
    for (const peer of peers) await peer.transport.start(peer)
    await test(...peers)
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()))
  }
}

/** Listens to, and speaks, what is said on a UDP port of loopback. */
export async function withEar<T>(port: number, use: (ear: MulticastDNS) => Promise<T>): Promise<T> {
  const ear = multicastDns({ port, interface: HOST, bind: '0.0.0.0' })
  try {
    await once(ear, 'ready')
    return await use(ear)
  } finally {
    await new Promise<void>((resolve) => ear.destroy(resolve))
  }
}

function createKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' }
  })
  const key = publicKey.subarray(-KEY_BYTES)
  return { publicKey: key, secretKey: Buffer.concat([privateKey.subarray(-KEY_BYTES), key]) }
}
