import type { KeyPair, NoiseStream, StreamInfo, TransportHost } from '@basestore/networker/transport'
import { Connection } from './connection.js'
import { createKeyPair } from './key-pair.js'

/** What a hand-over can do wrong. */
export type Breach = 'not a stream' | 'twice' | 'after stop' | 'not open' | 'wrong key' | 'itself'

export interface HostOptions {
  readonly keyPair?: KeyPair
  /** Whom to want, besides those that a networker never wants. @default everybody */
  readonly wants?: (remotePublicKey: Uint8Array) => boolean
  /** Called in the tick of a hand-over. */
  readonly onconnection?: (connection: Connection) => void
}

/**
 * What a networker is to its transport. It writes breaches of the contract down and goes on as well as it can, so
 * that only the case that is about the breach fails.
 */
export class RecordingHost implements TransportHost {
  readonly keyPair: KeyPair
  readonly connections: Connection[] = []
  readonly breaches: Breach[] = []
  readonly faults: unknown[] = []
  /** True while the networker is suspended: it wants nobody then. */
  resting = false
  /** The keys that `wants` was asked for, in hex. */
  readonly asked: string[] = []
  readonly #controller = new AbortController()
  readonly #options: HostOptions
  readonly #happened: () => void
  readonly #seen = new Set<NoiseStream>()

  constructor(options: HostOptions, happened: () => void) {
    this.keyPair = options.keyPair ?? createKeyPair()
    this.#options = options
    this.#happened = happened
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Every stream that was handed over, the wrong ones too. */
  get streams(): Iterable<NoiseStream> {
    return this.#seen
  }

  // The core's methods need no `this`, so neither do these.
  wants = (remotePublicKey: Uint8Array): boolean => {
    this.asked.push(hex(remotePublicKey))
    const { wants } = this.#options
    const wanted = !this.signal.aborted && !this.resting && !same(remotePublicKey, this.keyPair.publicKey)
    const answer = wanted && (wants?.(remotePublicKey) ?? true)
    this.#happened()
    return answer
  }

  connected = (stream: NoiseStream, info: StreamInfo): void => {
    if (typeof stream?.write !== 'function') {
      this.#breach('not a stream')
      return
    }
    if (this.#seen.has(stream)) {
      this.#breach('twice')
      return
    }
    this.#seen.add(stream)
    if (this.signal.aborted || same(stream.remotePublicKey, this.keyPair.publicKey)) {
      this.#breach(this.signal.aborted ? 'after stop' : 'itself')
      stream.on('error', noop)
      stream.destroy()
      return
    }
    if (!same(stream.publicKey, this.keyPair.publicKey)) this.#breach('wrong key')
    if (stream.connected) {
      this.#add(stream, info)
      return
    }
    this.#breach('not open')
    stream.on('error', noop)
    stream.once('connect', () => this.#add(stream, info))
  }

  fault = (error: unknown): void => {
    this.faults.push(error)
    this.#happened()
  }

  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  #add(stream: NoiseStream, info: StreamInfo): void {
    const connection = new Connection(stream, info, this.#happened)
    this.connections.push(connection)
    this.#options.onconnection?.(connection)
    this.#happened()
  }

  #breach(breach: Breach): void {
    this.breaches.push(breach)
    this.#happened()
  }
}

export function same(a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0
}

export function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

function noop(): void {}
