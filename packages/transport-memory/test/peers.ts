import type {
  KeyPair,
  NoiseStream,
  StreamInfo,
  Transport,
  TransportHost
} from '@basestore/networker/transport'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { MemoryNetwork } from '../src/index.js'

export interface Connection {
  readonly stream: NoiseStream
  readonly info: StreamInfo
}

/** What a networker would be to its transport. */
export class FakeHost implements TransportHost {
  readonly connections: Connection[] = []
  readonly faults: unknown[] = []
  readonly asked: string[] = []
  readonly controller = new AbortController()
  readonly keyPair: KeyPair
  readonly key: string
  /** Which keys to refuse. */
  refuses: (key: string) => boolean = () => false
  #waiting: (() => void)[] = []

  constructor(pair: KeyPair = keyPair()) {
    this.keyPair = pair
    this.key = hex(pair.publicKey)
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** The keys of those handed over, in order. */
  get peers(): string[] {
    return this.connections.map(({ stream }) => hex(stream.remotePublicKey))
  }

  wants(remotePublicKey: Uint8Array): boolean {
    const key = hex(remotePublicKey)
    this.asked.push(key)
    return key !== this.key && !this.refuses(key)
  }

  connected(stream: NoiseStream, info: StreamInfo): void {
    stream.on('error', () => {})
    this.connections.push({ stream, info })
    for (const wake of this.#waiting.splice(0)) wake()
  }

  fault(error: unknown): void {
    this.faults.push(error)
  }

  /** The connection with this number, from 0, once it is handed over. */
  async connection(n = 0): Promise<Connection> {
    while (this.connections.length <= n) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.connections[n]!
  }
}

export interface Peer {
  readonly host: FakeHost
  readonly transport: Transport
}

/** Started peers of one network. */
export function peers(network: MemoryNetwork, count: number): Peer[] {
  return Array.from({ length: count }, () => peer(network))
}

export function peer(network: MemoryNetwork, host = new FakeHost()): Peer {
  const transport = network.transport()
  transport.start(host)
  return { host, transport }
}

/** Runs a test with peers of one network, and stops them whatever happens. */
export async function withPeers(
  count: number,
  run: (...all: [Peer, Peer, Peer, Peer, ...Peer[]]) => Promise<void>
): Promise<void> {
  const all = peers(new MemoryNetwork(), count)
  try {
    await run(...(all as [Peer, Peer, Peer, Peer, ...Peer[]]))
  } finally {
    await stop(...all)
  }
}

/** Stops as a networker does: the signal first, the streams last. */
export async function stop(...stopping: Peer[]): Promise<void> {
  for (const { host } of stopping) host.controller.abort()
  await Promise.all(stopping.map(({ transport }) => transport.stop()))
  for (const { host } of stopping) for (const { stream } of host.connections) stream.destroy()
}

export function keyPair(): KeyPair {
  return NoiseSecretStream.keyPair()
}

export function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

/** A network's work runs in microtasks alone, so that at the next turn of the loop nothing is under way. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export const never = new AbortController().signal
export const both = { announce: true, lookup: true }
export const announce = { announce: true, lookup: false }
export const lookup = { announce: false, lookup: true }

export function topic(n = 1): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32BE(n)
  return bytes
}
