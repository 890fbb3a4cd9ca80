import {
  checkOptions,
  type KeyPair,
  NetworkerError,
  type NoiseStream,
  type OnlineState,
  type OptionKinds,
  type StreamInfo,
  type TransportHost,
  type TransportNote
} from '@basestore/networker/transport'
import { hex, sameBytes } from './bytes.js'
import { Conditions } from './conditions.js'
import { createKeyPair } from './key-pair.js'
import { noop } from './noop.js'
import { RecordedConnection } from './recorded-connection.js'

/** Milliseconds from `end()` to `destroy()` of a stream when the host closes. A networker waits as long. */
const CLOSE_TIMEOUT = 1_000

/** How a hand-over can break the contract. */
export type Breach = 'not a stream' | 'twice' | 'after stop' | 'not open' | 'wrong key' | 'itself'

export interface RecordingHostOptions {
  /** @default a random one */
  readonly keyPair?: KeyPair
  /** The first value of {@link RecordingHost.admits}. @default every peer */
  readonly admits?: (remotePublicKey: Uint8Array) => boolean
  /** End a stream when its remote has ended it, as a networker does. @default false */
  readonly endsBack?: boolean
  /** Called in the tick of a hand-over. */
  readonly onconnection?: (connection: RecordedConnection) => void
  /** Called after everything that the host records. */
  readonly onevent?: () => void
}

const OPTIONS: OptionKinds<RecordingHostOptions> = {
  keyPair: 'object',
  admits: 'function',
  endsBack: 'boolean',
  onconnection: 'function',
  onevent: 'function'
}

/**
 * Stands in for the networker in a transport's tests: pass one to `transport.start()`. It takes every stream and
 * records what it is told. A breach of the contract is recorded as well, and the host goes on as well as it can.
 *
 * ```ts
 * const [host, transport] = [new RecordingHost(), tcp()]
 * await transport.start(host)
 * transport.join(topic, { announce: true, lookup: true })
 * const { stream } = await host.connection()
 * host.close()
 * await transport.stop()
 * ```
 */
export class RecordingHost implements TransportHost {
  /** Our public key, in hex. */
  readonly key: string
  /** In the order of the hand-overs. */
  readonly connections: RecordedConnection[] = []
  /** Every stream that was handed over, those of a {@link Breach} too. */
  readonly streams: NoiseStream[] = []
  readonly breaches: Breach[] = []
  readonly faults: unknown[] = []
  /** The remote's key of each stream that the transport had it refuse, in hex. */
  readonly refused: string[] = []
  /** The states that `online` was told, the latest last. Empty while the transport has told nothing. */
  readonly states: OnlineState[] = []
  /** The notes that `note` was told. Empty where the transport tells nothing. */
  readonly notes: TransportNote[] = []
  /** The keys that `wants` was asked for, in hex. */
  readonly asked: string[] = []
  /** True while the networker is suspended: it wants nobody then. */
  suspended = false
  /**
   * Which peers to want. Replace it at any time. The host never wants itself, and nobody while it is suspended or
   * once its signal has aborted.
   */
  admits: (remotePublicKey: Uint8Array) => boolean
  readonly #keyPair: KeyPair
  readonly #options: RecordingHostOptions
  readonly #controller = new AbortController()
  readonly #conditions = new Conditions()

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(options: RecordingHostOptions = {}) {
    checkOptions<RecordingHostOptions>(options, OPTIONS, { what: 'the options of a recording host' })
    this.#keyPair = options.keyPair ?? createKeyPair()
    this.key = hex(this.keyPair.publicKey)
    this.admits = options.admits ?? (() => true)
    this.#options = options
  }

  /** A getter, so that a log of the host does not have the secret key. */
  get keyPair(): KeyPair {
    return this.#keyPair
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The remote's key of each connection, in hex, in the order of the hand-overs. */
  get peers(): string[] {
    return this.connections.map(({ key }) => key)
  }

  /** The connections that are open now. */
  get open(): RecordedConnection[] {
    return this.connections.filter(({ open }) => open)
  }

  // `wants`, `connected`, `refuse`, `fault`, `online` and `note` need no `this`: the contract says so of every host.
  wants = (remotePublicKey: Uint8Array, _options?: { readonly inbound?: boolean }): boolean => {
    this.asked.push(hex(remotePublicKey))
    const possible = !this.signal.aborted && !this.suspended && !this.#isOurs(remotePublicKey)
    const answer = possible && this.admits(remotePublicKey)
    this.#happened()
    return answer
  }

  connected = (stream: NoiseStream, info: StreamInfo): void => {
    if (typeof stream?.write !== 'function') {
      this.#breach('not a stream')
      return
    }
    if (this.streams.includes(stream)) {
      this.#breach('twice')
      return
    }
    this.streams.push(stream)
    if (this.signal.aborted || this.#isOurs(stream.remotePublicKey)) {
      this.#breach(this.signal.aborted ? 'after stop' : 'itself')
      stream.on('error', noop)
      stream.destroy()
      return
    }
    if (!this.#isOurs(stream.publicKey)) this.#breach('wrong key')
    if (stream.connected) {
      this.#add(stream, info)
      return
    }
    this.#breach('not open')
    stream.on('error', noop)
    stream.once('connect', () => this.#add(stream, info))
  }

  refuse = (stream: NoiseStream): void => {
    this.refused.push(hex(stream.remotePublicKey))
    stream.on('error', noop)
    stream.destroy()
    this.#happened()
  }

  fault = (error: unknown): void => {
    this.faults.push(error)
    this.#happened()
  }

  online = (state: OnlineState): void => {
    this.states.push(state)
    this.#happened()
  }

  note = (note: TransportNote): void => {
    this.notes.push(note)
    this.#happened()
  }

  /** Whether a connection to this peer is open. */
  has(remotePublicKey: Uint8Array): boolean {
    return this.open.some(({ stream }) => sameBytes(stream.remotePublicKey, remotePublicKey))
  }

  /** Whether a connection to this peer was ever handed over. */
  met(remotePublicKey: Uint8Array): boolean {
    return this.peers.includes(hex(remotePublicKey))
  }

  /** The connection with this number, counted from 0 in the order of the hand-overs, once it is there. */
  async connection(number = 0): Promise<RecordedConnection> {
    await this.until(() => this.connections.length > number)
    return this.connections[number]!
  }

  /** An open connection to this peer, once there is one. */
  async connectionTo(remotePublicKey: Uint8Array): Promise<RecordedConnection> {
    await this.until(() => this.has(remotePublicKey))
    return this.open.find(({ stream }) => sameBytes(stream.remotePublicKey, remotePublicKey))!
  }

  /** Resolves when the condition is met. It is looked at now, and after everything that the host records. */
  until(condition: () => boolean): Promise<void> {
    return this.#conditions.until(condition)
  }

  /** Aborts the signal: from here on nothing may be handed over. */
  abort(reason: Error = new NetworkerError('CLOSED', 'the host is closed')): void {
    this.#controller.abort(reason)
  }

  /** Closes as a networker does: aborts the signal and ends every stream. One that stays open for 1 s is destroyed. */
  close(): void {
    this.abort()
    for (const stream of this.streams) {
      if (stream.destroyed) continue
      const timer = setTimeout(() => stream.destroy(), CLOSE_TIMEOUT)
      stream.once('close', () => clearTimeout(timer))
      stream.end()
    }
  }

  #isOurs(publicKey: Uint8Array): boolean {
    return publicKey instanceof Uint8Array && hex(publicKey) === this.key
  }

  #add(stream: NoiseStream, info: StreamInfo): void {
    const connection = new RecordedConnection(stream, info, this.#happened)
    this.connections.push(connection)
    if (this.#options.endsBack) stream.once('end', () => stream.end())
    this.#options.onconnection?.(connection)
    this.#happened()
  }

  #breach(breach: Breach): void {
    this.breaches.push(breach)
    this.#happened()
  }

  #happened = (): void => {
    this.#conditions.happened()
    this.#options.onevent?.()
  }
}
