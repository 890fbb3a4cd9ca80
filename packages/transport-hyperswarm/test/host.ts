import { EventEmitter, once } from 'node:events'
import type { KeyPair, NoiseStream, StreamInfo, TransportHost } from '@basestore/networker/transport'
import DHT from 'hyperdht'

/** A networker as a transport sees it: it takes all streams, and writes down what it is told. */
export class FakeHost extends EventEmitter implements TransportHost {
  readonly keyPair: KeyPair
  readonly streams: NoiseStream[] = []
  readonly infos: StreamInfo[] = []
  readonly faults: unknown[] = []
  readonly breaches: string[] = []
  readonly #controller = new AbortController()

  constructor(keyPair: KeyPair = DHT.keyPair()) {
    super()
    this.keyPair = keyPair
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Tests replace it. */
  wants = (key: Uint8Array): boolean => Buffer.compare(key, this.keyPair.publicKey) !== 0

  connected(stream: NoiseStream, info: StreamInfo): void {
    if (this.signal.aborted) this.breaches.push('after abort')
    if (!stream.connected) this.breaches.push('not open')
    if (this.streams.includes(stream)) this.breaches.push('twice')
    if (Buffer.compare(stream.publicKey, this.keyPair.publicKey) !== 0) this.breaches.push('not ours')
    this.streams.push(stream)
    this.infos.push(info)
    stream.resume() // what is not read never ends
    stream.once('end', () => stream.end())
    stream.once('close', () => this.emit('closed', stream))
    this.emit('connected', stream, info)
  }

  fault(error: unknown): void {
    this.faults.push(error)
    this.emit('fault', error)
  }

  /** The keys of those who are connected, as hex. */
  get peers(): Set<string> {
    const open = this.streams.filter((stream) => !stream.destroying)
    return new Set(open.map((stream) => Buffer.from(stream.remotePublicKey).toString('hex')))
  }

  has(key: Uint8Array): boolean {
    return this.peers.has(Buffer.from(key).toString('hex'))
  }

  /** Resolves when a stream of this peer was handed over, now or earlier. */
  async peer(key: Uint8Array): Promise<void> {
    while (!this.has(key)) await once(this, 'connected')
  }

  /** What the networker does when it closes: nothing new, and an end to all streams. */
  close(): void {
    this.#controller.abort(new Error('closed'))
    for (const stream of this.streams) {
      if (stream.destroyed) continue
      stream.end()
      const timer = setTimeout(() => stream.destroy(), 1_000)
      stream.once('close', () => clearTimeout(timer))
    }
  }
}
