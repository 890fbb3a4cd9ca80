import { EventEmitter } from 'node:events'
import { type Extensions, NetworkerError, type Protocol, type ProtocolOptions } from '@basestore/extensions'
import { SetView } from '@basestore/extensions/internal'
import type { KeyPair, OnlineState, TopicMode } from './contract.js'
import type { NetworkerEvents } from './events.js'
import type { PeerExplanation, TopicExplanation } from './explain/explanation.js'
import type { Stats } from './explain/stats.js'
import { describeBy, NETWORKER } from './inspect.js'
import { type KeyLike, sameKey, toPublicKey } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import {
  type ConnectOptions,
  checkConnectOptions,
  checkDisconnectOptions,
  type DisconnectOptions,
  type NetworkerOptions,
  readConfigureOptions
} from './options.js'
import { Parts } from './parts.js'
import type { Peer } from './peer.js'
import type { Store } from './store.js'
import { Teller } from './teller.js'
import type { Topic } from './topic.js'
import { isUnready, ready, refuseCoreKey, type TopicLike, topicOf } from './topic-source.js'
import type { ConfigureOptions } from './topics.js'
import { abortable, either } from './wait.js'

/**
 * Joins a Corestore to a swarm. It announces and looks up topics, keeps one encrypted connection to each peer,
 * replicates all shared cores over it, and carries extension messages beside them.
 */
export class Networker extends EventEmitter<NetworkerEvents> {
  static {
    describeBy<Networker>(Networker, NETWORKER)
  }

  /** 32 bytes. */
  readonly id: Uint8Array
  /** The peers that we are connected to. */
  readonly peers: ReadonlySet<Peer>
  /** Counters and gauges, as plain numbers and for Prometheus. */
  readonly stats: Stats
  /** Every open stream. For a moment a peer can have two. */
  readonly streams: ReadonlySet<NoiseStream>
  /**
   * `registerExtension(name, handlers)`, `(handlersWithName)` or `(name, (extension) => handlers)`: named messages to
   * and from every peer that registers the name too. Usable at once, before any peer is there. After `close` it
   * throws `CLOSED`. See {@link Extensions.register}.
   */
  readonly registerExtension: Extensions<Peer>['register']
  /**
   * `protocol({ name, version, messages, onopen })`: a Protomux protocol of your own with every peer that has it too.
   * It is opened on each stream in the tick in which the stream arrives, and moves with the peer when another stream
   * takes over. After `close` it throws `CLOSED`. See {@link ProtocolOptions}.
   */
  readonly protocol: <const E extends readonly unknown[]>(
    options: ProtocolOptions<Peer, E>
  ) => Protocol<Peer, E>

  readonly #parts: Parts

  /**
   * @param store a Corestore. It stays the caller's: closing the networker leaves it open.
   * @throws NetworkerError `INVALID_OPTION`
   */
  constructor(store: Store, options: NetworkerOptions) {
    super()
    const teller = new Teller(this)
    this.#parts = new Parts(store, options, teller.tell)
    const { id, peers, stats, warn } = this.#parts
    teller.warns = warn
    this.id = id
    this.stats = stats
    this.peers = new SetView(peers.set)
    this.streams = new SetView(peers.streams)
    this.registerExtension = this.#createRegister()
    this.protocol = (options) => this.#parts.protocols.register(options)
  }

  /** The Noise key pair of every connection. */
  get keyPair(): KeyPair {
    return this.#parts.keyPair
  }

  /**
   * The peer with a public key, or undefined while we are not connected to it.
   *
   * @param remotePublicKey 32 bytes, or a string in hex or z32
   * @throws NetworkerError `INVALID_OPTION`
   */
  peer(remotePublicKey: KeyLike): Peer | undefined {
    return this.#parts.peers.added(toPublicKey(remotePublicKey))
  }

  /**
   * Announces a topic, looks it up, or both. Both false leaves it. Resolves when the topic is flushed or left, or after
   * `timeout`, when a `fault` says why it is not flushed yet. With `flush: false` it resolves once the topic is joined,
   * and while suspended at once.
   *
   * @param topic 32 bytes, a core's `discoveryKey`; a string in hex or z32; or what has a `discoveryKey`: a Hypercore,
   * Hyperbee, Hyperdrive or Autobase. One that is not ready yet is awaited.
   * @throws NetworkerError `INVALID_TOPIC`, also for the *key* of a core that is open in the store; `INVALID_OPTION`,
   * `START_FAILED` when no transport started, `CLOSED`; an abort rejects with the signal's reason
   */
  async configure(topic: TopicLike, options: ConfigureOptions = {}): Promise<void> {
    const { mode, signal, ...waiting } = readConfigureOptions(options)
    signal?.throwIfAborted()
    const { lifecycle, redials, topics, store } = this.#parts
    // Without a wait where it is not needed: a topic that is known is configured within this call.
    if (isUnready(topic)) {
      lifecycle.assertUsable()
      await abortable(ready(topic), either(signal, this.#parts.stopping))
    }
    const key = topicOf(topic)
    if (!topics.get(key)) refuseCoreKey(key, store)
    lifecycle.assertUsable()
    redials.reset()
    await topics.configure(key, mode, { ...waiting, signal })
  }

  /** Whether a topic is announced or looked up. @throws NetworkerError `INVALID_TOPIC` */
  joined(topic: TopicLike): boolean {
    return this.#topic(topic) !== undefined
  }

  /**
   * Whether others can reach us: the best state of all transports. `'offline'` before the start, while suspended, and
   * from `close` on. The event `online-change` tells each change.
   */
  get online(): OnlineState {
    return this.#parts.online.state
  }

  /** Whether a topic was flushed since it was joined. @throws NetworkerError `INVALID_TOPIC` */
  flushed(topic: TopicLike): boolean {
    return this.#topic(topic)?.flushed ?? false
  }

  /** The mode of a topic, or undefined when it is not configured. @throws NetworkerError `INVALID_TOPIC` */
  status(topic: TopicLike): TopicMode | undefined {
    const mode = this.#topic(topic)?.mode
    return mode ? { ...mode } : undefined
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
   * Dials one peer, through each transport that can dial by key. Resolves when the peer has admitted us, and at once
   * when it is connected already.
   *
   * A lost connection is not dialled again, unless a topic finds the peer. With `lasting` it is, after pauses of 1 s to
   * 10 minutes, until {@link disconnect}; then the promise also outlasts dials that fail.
   *
   * @param remotePublicKey 32 bytes, or a string in hex or z32
   * @throws NetworkerError `CONNECT_FAILED`, whose cause is `REFUSED` when the peer refuses us; `UNSUPPORTED` when no
   * transport dials by key; `SELF_CONNECTION`; `CLOSED`; an abort rejects with the signal's reason
   */
  async connect(remotePublicKey: KeyLike, options: ConnectOptions = {}): Promise<Peer> {
    checkConnectOptions(options)
    const { lasting = false, signal } = options
    const key = toPublicKey(remotePublicKey)
    if (sameKey(key, this.keyPair.publicKey)) {
      throw new NetworkerError('SELF_CONNECTION', "this is our own key; pass another peer's remotePublicKey")
    }
    return this.#parts.connector.connect(key, signal, lasting)
  }

  /**
   * Ends all connections to a peer, and `connect` with `lasting`. The peer is removed within this call. A topic that
   * finds it may connect it again, and so may the peer; with `ban` neither can for so long.
   *
   * @param peer a peer, or its public key: 32 bytes, or a string in hex or z32
   * @throws NetworkerError `INVALID_OPTION`
   */
  disconnect(peer: Peer | KeyLike, options: DisconnectOptions = {}): void {
    checkDisconnectOptions(options)
    const { ban = 0 } = options
    const isKey = typeof peer === 'string' || peer instanceof Uint8Array
    this.#parts.connector.disconnect(toPublicKey(isKey ? peer : peer.remotePublicKey), ban)
  }

  /**
   * Tells why a peer is connected or not, or what became of a topic: as data, and as a few lines of English with
   * `String()`. What is remembered is bounded: the latest 32 dials of each peer, and 1,024 peers.
   *
   * @param what a peer, or its public key; or a topic, as `configure` takes it. 32 bytes that are no configured topic
   * are taken for a public key.
   * @throws NetworkerError `INVALID_TOPIC` when it is neither
   */
  explain(what: TopicLike | Peer): Promise<PeerExplanation | TopicExplanation> {
    return this.#parts.explainer.explain(what)
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

  #topic(topic: TopicLike): Topic | undefined {
    const { topics, store } = this.#parts
    const key = topicOf(topic)
    const known = topics.get(key)
    if (!known) refuseCoreKey(key, store)
    return known
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
}
