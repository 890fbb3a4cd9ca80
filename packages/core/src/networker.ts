import { EventEmitter } from 'node:events'
import { Extensions, NetworkerError } from '@basestore/extensions'
import { Admission } from './admission.js'
import type { KeyPair, TopicMode } from './contract.js'
import type { NetworkerEvents } from './events.js'
import { FindingPeers } from './finding-peers.js'
import { type KeyLike, sameKey, toPublicKey, toTopic } from './keys.js'
import { Lifecycle } from './lifecycle.js'
import type { NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import { type NetworkerOptions, readOptions } from './options.js'
import type { Peer } from './peer.js'
import { Peers } from './peers.js'
import type { Store } from './store.js'
import { type ConfigureOptions, Topics, type TopicsContext, toMode } from './topics.js'
import { Transports } from './transports.js'
import { abortable, whenAborted } from './wait.js'

/** Time for the remotes to end their side when we close or suspend (ms). Then their streams are destroyed. */
const END_TIMEOUT = 1_000

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

  readonly #lifecycle: Lifecycle
  readonly #transports: Transports
  readonly #extensions: Extensions<Peer>
  readonly #peers: Peers
  readonly #admission: Admission
  readonly #topics: Topics
  readonly #stopping = new AbortController()

  /**
   * @param store a Corestore. It stays the caller's: closing the networker leaves it open.
   * @throws NetworkerError `INVALID_OPTION`
   */
  constructor(store: Store, options: NetworkerOptions) {
    super()
    const { id, keyPair, transports, firewall, maxPeers } = readOptions(store, options)
    const onfault = (error: unknown) => this.#tell('fault', error)
    const { signal } = this.#stopping
    const context = { signal, onfault, open: () => this.#lifecycle.isOpen }
    whenAborted(signal, noop) // one listener stays for good: without it, each dial would add and remove its own

    this.id = id
    this.keyPair = keyPair
    this.#lifecycle = this.#createLifecycle(store)
    this.#transports = new Transports(transports, onfault)
    this.#extensions = new Extensions<Peer>({ onfault })
    this.registerExtension = this.#createRegister()
    this.#peers = new Peers({
      ...context,
      store,
      publicKey: keyPair.publicKey,
      extensions: this.#extensions,
      slots: this.#transports.slots,
      onadd: (peer) => this.#tell('peer-add', peer),
      onremove: (peer) => this.#tell('peer-remove', peer),
      onstream: (peer, previous) => this.#tell('peer-stream', peer, previous)
    })
    this.peers = this.#peers.set
    this.streams = this.#peers.streams
    this.#admission = new Admission({ ...context, keyPair, firewall, maxPeers, peers: this.#peers })
    this.#topics = new Topics(this.#topicsContext(store))
  }

  /**
   * Announces a topic, looks it up, or both. Both false leaves it. Resolves when the topic is flushed or left. With
   * `flush: false` it resolves once the topic is joined, and while suspended at once.
   *
   * @param discoveryKey 32 bytes, a core's `discoveryKey`; or a string in hex or z32
   * @throws NetworkerError `INVALID_TOPIC`, `START_FAILED` when no transport started, `CLOSED`; an abort rejects
   * with the signal's reason
   */
  async configure(discoveryKey: KeyLike, options: ConfigureOptions = {}): Promise<void> {
    const { announce = true, lookup = true, flush = true, signal } = options ?? {}
    const key = toTopic(discoveryKey)
    signal?.throwIfAborted()
    this.#lifecycle.assertUsable()
    const configured = this.#topics.configure(key, toMode(announce, lookup), flush)
    configured.catch(noop) // after an abort nobody listens to it
    await abortable(configured, signal)
  }

  /** Whether a topic is announced or looked up. */
  joined(discoveryKey: KeyLike): boolean {
    return this.#topics.get(toTopic(discoveryKey)) !== undefined
  }

  /** Whether a topic was flushed since it was joined. */
  flushed(discoveryKey: KeyLike): boolean {
    return this.#topics.get(toTopic(discoveryKey))?.flushed ?? false
  }

  /** The mode of a topic, or undefined when it is not configured. */
  status(discoveryKey: KeyLike): TopicMode | undefined {
    const topic = this.#topics.get(toTopic(discoveryKey))
    return topic?.mode ? { ...topic.mode } : undefined
  }

  /** The mode of every configured topic. */
  allStatuses(): (TopicMode & { discoveryKey: Buffer })[] {
    return this.#topics.all()
  }

  /**
   * Starts the transports. The first `configure` calls it. A transport that does not start raises `fault`, and the
   * others carry on.
   *
   * @throws NetworkerError `START_FAILED` when none started, `CLOSED`
   */
  listen(): Promise<void> {
    return this.#lifecycle.listen()
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
    if (this.#lifecycle.isSuspended) {
      throw new NetworkerError('CONNECT_FAILED', 'the networker is suspended; await resume() first')
    }
    const stopping = this.#stopping.signal
    const anySignal = signal ? AbortSignal.any([signal, stopping]) : stopping
    return this.#transports.connect(key, anySignal, {
      find: () => this.#peers.connected(key),
      decided: () => this.#admission.decided()
    })
  }

  /** Ends all connections and traffic, as when a phone puts the app to sleep. The topics stay configured. */
  suspend(): Promise<void> {
    return this.#lifecycle.suspend()
  }

  /** Takes all topics up again. */
  resume(): Promise<void> {
    return this.#lifecycle.resume()
  }

  /**
   * Ends all streams, leaves all topics and stops the transports. The store stays open. It may be called twice, at
   * once and during start.
   *
   * @throws NetworkerError `STOP_FAILED`, naming the transport, after all else is closed
   */
  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #createLifecycle(store: Store): Lifecycle {
    return new Lifecycle({
      store,
      start: () => this.#transports.start((slot) => this.#admission.hostFor(slot)),
      suspend: () => this.#suspend(),
      resume: () => this.#transports.resume(),
      onresumed: () => this.#topics.resume(),
      close: (reason) => this.#close(reason)
    })
  }

  #createRegister(): Extensions<Peer>['register'] {
    const register = this.#extensions.register.bind(this.#extensions) as (...args: unknown[]) => unknown
    return ((...args: unknown[]) => {
      this.#lifecycle.assertOpen()
      return register(...args)
    }) as Extensions<Peer>['register']
  }

  #topicsContext(store: Store): TopicsContext {
    const lifecycle = this.#lifecycle
    return {
      slots: this.#transports.slots,
      finding: new FindingPeers(store),
      streams: this.streams,
      get suspended() {
        return lifecycle.isSuspended
      },
      listen: () => lifecycle.listen(),
      decided: async () => void (await this.#admission.decided()),
      onjoined: ({ key }) => this.#tell('joined', Buffer.from(key)),
      onflushed: ({ key }) => this.#tell('flushed', Buffer.from(key))
    }
  }

  async #suspend(): Promise<void> {
    this.#admission.refuseAll()
    const left = this.#topics.suspend()
    await this.#peers.endAll(END_TIMEOUT)
    this.#peers.removeAll()
    await Promise.all([left, this.#transports.suspend()])
  }

  async #close(reason: NetworkerError): Promise<void> {
    this.#stopping.abort(reason)
    this.#topics.close(reason)
    this.#admission.refuseAll()
    const stopped = this.#transports.stop()
    await Promise.allSettled([this.#peers.endAll(END_TIMEOUT), stopped])
    this.#peers.removeAll()
    this.#extensions.destroy()
    await stopped
  }

  /** A listener that throws must not unwind a transport or Protomux: its error is thrown in a tick of its own. */
  #tell<E extends keyof NetworkerEvents>(event: E, ...args: NetworkerEvents[E]): void {
    try {
      ;(this.emit as (event: E, ...args: NetworkerEvents[E]) => boolean).call(this, event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}
