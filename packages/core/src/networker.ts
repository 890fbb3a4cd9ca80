import { EventEmitter } from 'node:events'
import { type Extensions, NetworkerError } from '@basestore/extensions'
import type { KeyPair, OnlineState, TopicMode } from './contract.js'
import type { NetworkerEvents } from './events.js'
import { type KeyLike, sameKey, toPublicKey, toTopic } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import type { NetworkerOptions } from './options.js'
import { Parts } from './parts.js'
import type { Peer } from './peer.js'
import type { Store } from './store.js'
import { type ConfigureOptions, checkTimeout, FLUSH_TIMEOUT, toMode } from './topics.js'
import { writeUnheardFault } from './unheard-fault.js'
import { abortable } from './wait.js'

/**
 * Joins a Corestore to a swarm. It announces and looks up topics, keeps one encrypted connection to each peer,
 * replicates all shared cores over it, and carries extension messages beside them.
 */
export class Networker extends EventEmitter<NetworkerEvents> {
  /** 32 bytes. */
  readonly id: Uint8Array
  /** The Noise key pair of every connection. */
  readonly keyPair: KeyPair
  /** The peers that we are connected to. */
  readonly peers: ReadonlySet<Peer>
  /** Every open stream. For a moment a peer can have two. */
  readonly streams: ReadonlySet<NoiseStream>
  /**
   * `registerExtension(name, handlers)`, `(handlersWithName)` or `(name, (extension) => handlers)`: named messages to
   * and from every peer that registers the name too. Usable at once, before any peer is there. After `close` it
   * throws `CLOSED`. See {@link Extensions.register}.
   */
  readonly registerExtension: Extensions<Peer>['register']

  readonly #parts: Parts
  /** Whether the next fault that no listener hears is written to stderr: only the first one is. */
  #warns: boolean

  /**
   * @param store a Corestore. It stays the caller's: closing the networker leaves it open.
   * @throws NetworkerError `INVALID_OPTION`
   */
  constructor(store: Store, options: NetworkerOptions) {
    super()
    this.#parts = new Parts(store, options, (event, ...args) => this.#tell(event, ...args))
    const { id, keyPair, peers, warn } = this.#parts
    this.#warns = warn
    this.id = id
    this.keyPair = keyPair
    this.peers = peers.set
    this.streams = peers.streams
    this.registerExtension = this.#createRegister()
  }

  /**
   * Announces a topic, looks it up, or both. Both false leaves it. Resolves when the topic is flushed or left, or after
   * `timeout`, when a `fault` says why it is not flushed yet. With `flush: false` it resolves once the topic is joined,
   * and while suspended at once.
   *
   * @param discoveryKey 32 bytes, a core's `discoveryKey`; or a string in hex or z32
   * @throws NetworkerError `INVALID_TOPIC`, `START_FAILED` when no transport started, `CLOSED`; an abort rejects
   * with the signal's reason
   */
  async configure(discoveryKey: KeyLike, options: ConfigureOptions = {}): Promise<void> {
    const { announce = true, lookup = true, flush = true, timeout = FLUSH_TIMEOUT, signal } = options ?? {}
    checkTimeout(timeout)
    const key = toTopic(discoveryKey)
    signal?.throwIfAborted()
    this.#parts.lifecycle.assertUsable()
    await this.#parts.topics.configure(key, toMode(announce, lookup), { flush, timeout, signal })
  }

  /** Whether a topic is announced or looked up. */
  joined(discoveryKey: KeyLike): boolean {
    return this.#parts.topics.get(toTopic(discoveryKey)) !== undefined
  }

  /**
   * Whether others can reach us: the best state of all transports. `'offline'` before the start, while suspended, and
   * from `close` on. The event `online-change` tells each change.
   */
  get online(): OnlineState {
    return this.#parts.online.state
  }

  /** Whether a topic was flushed since it was joined. */
  flushed(discoveryKey: KeyLike): boolean {
    return this.#parts.topics.get(toTopic(discoveryKey))?.flushed ?? false
  }

  /** The mode of a topic, or undefined when it is not configured. */
  status(discoveryKey: KeyLike): TopicMode | undefined {
    const topic = this.#parts.topics.get(toTopic(discoveryKey))
    return topic?.mode ? { ...topic.mode } : undefined
  }

  /** The mode of every configured topic. */
  allStatuses(): (TopicMode & { discoveryKey: Buffer })[] {
    return this.#parts.topics.all()
  }

  /**
   * Starts the transports. The first `configure` calls it. A transport that does not start raises `fault`, and the
   * others carry on.
   *
   * @throws NetworkerError `START_FAILED` when none started, `CLOSED`
   */
  listen(): Promise<void> {
    return this.#parts.lifecycle.listen()
  }

  /**
   * Dials one peer, through each transport that can dial by key. Resolves at once when the peer is connected already.
   * A lost connection is not dialled again, unless a topic finds the peer.
   *
   * @param remotePublicKey 32 bytes, or a string in hex or z32
   * @throws NetworkerError `CONNECT_FAILED`, `UNSUPPORTED` when no transport dials by key, `SELF_CONNECTION`,
   * `CLOSED`; an abort rejects with the signal's reason
   */
  async connect(remotePublicKey: KeyLike, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Peer> {
    const key = toPublicKey(remotePublicKey)
    if (sameKey(key, this.keyPair.publicKey)) {
      throw new NetworkerError('SELF_CONNECTION', "this is our own key; pass another peer's remotePublicKey")
    }
    await abortable(this.listen(), signal)
    if (this.#parts.lifecycle.isSuspended) {
      throw new NetworkerError('CONNECT_FAILED', 'the networker is suspended; await resume() first')
    }
    const stopping = this.#parts.stopping
    const anySignal = signal ? AbortSignal.any([signal, stopping]) : stopping
    return this.#parts.transports.connect(key, anySignal, {
      find: () => this.#parts.peers.connected(key),
      decided: () => this.#parts.admission.decided()
    })
  }

  /** Ends all connections and traffic, as when a phone puts the app to sleep. The topics stay configured. */
  suspend(): Promise<void> {
    return this.#parts.lifecycle.suspend()
  }

  /** Takes all topics up again. */
  resume(): Promise<void> {
    return this.#parts.lifecycle.resume()
  }

  /**
   * Ends all streams, leaves all topics and stops the transports. The store stays open. It may be called twice, at
   * once and during start.
   *
   * @throws NetworkerError `STOP_FAILED`, naming the transport, after all else is closed
   */
  close(): Promise<void> {
    return this.#parts.lifecycle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #createRegister(): Extensions<Peer>['register'] {
    const register = this.#parts.extensions.register.bind(this.#parts.extensions) as (
      ...args: unknown[]
    ) => unknown
    return ((...args: unknown[]) => {
      this.#parts.lifecycle.assertOpen()
      return register(...args)
    }) as Extensions<Peer>['register']
  }

  /** A listener that throws must not unwind a transport or Protomux: its error is thrown in a tick of its own. */
  #tell<E extends keyof NetworkerEvents>(event: E, ...args: NetworkerEvents[E]): void {
    if (event === 'fault' && this.#warns && this.listenerCount('fault') === 0) {
      this.#warns = false
      writeUnheardFault(args[0])
    }
    try {
      ;(this.emit as (event: E, ...args: NetworkerEvents[E]) => boolean).call(this, event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}
