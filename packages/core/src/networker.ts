import { EventEmitter } from 'node:events'
import { Extensions } from '@basestore/extensions'
import { Admission } from './admission.js'
import type { KeyPair, TopicMode } from './contract.js'
import { NetworkerError } from './errors.js'
import type { NetworkerEvents } from './events.js'
import { FindingPeers } from './finding-peers.js'
import { type KeyLike, sameKey, toPublicKey, toTopic } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { type NetworkerOptions, readOptions } from './options.js'
import type { Peer } from './peer.js'
import { Peers } from './peers.js'
import type { Store } from './store.js'
import type { Topic } from './topic.js'
import { type ConfigureOptions, type TopicStatus, Topics, toMode } from './topics.js'
import { Transports } from './transports.js'
import { abortable, whenAborted } from './wait.js'

/** How long the remotes may take to end their side when we close or suspend, in milliseconds. */
const END_TIMEOUT = 1_000

/**
 * Joins a Corestore to a swarm: announces and looks up topics, keeps one encrypted connection to each peer,
 * replicates all shared cores over it, and carries extension messages beside them.
 */
export class Networker extends EventEmitter<NetworkerEvents> {
  /** 32 bytes. */
  readonly id: Uint8Array
  /** The Noise key pair of every connection. */
  readonly keyPair: KeyPair
  /** Who we are connected to. */
  readonly peers: ReadonlySet<Peer>
  /** Every open stream; for a moment a peer can have two. */
  readonly streams: ReadonlySet<NoiseStream>
  /**
   * `registerExtension(name, handlers)`, `(handlersWithName)` or `(name, (extension) => handlers)`: a named message
   * that may be sent to, and comes from, every peer that registers the name too. Usable at once, before any peer
   * is there; after `close` it throws `CLOSED`. See {@link Extensions.register}.
   */
  readonly registerExtension: Extensions<Peer>['register']

  #state: 'idle' | 'starting' | 'open' | 'suspended' | 'closing' | 'closed' = 'idle'
  readonly #store: Store
  readonly #transports: Transports
  readonly #extensions: Extensions<Peer>
  readonly #peers: Peers
  readonly #admission: Admission
  readonly #topics: Topics
  readonly #stopping = new AbortController()
  #listening: Promise<void> | null = null
  #closing: Promise<void> | null = null
  /** Whether {@link listen} was called while suspended before the start. */
  #startOnResume = false
  /** The latest change between open and suspended. */
  #change: Promise<void> = Promise.resolve()

  /**
   * @param store a Corestore. It stays the caller's: closing the networker leaves it open.
   * @throws NetworkerError `INVALID_OPTION`
   */
  constructor(store: Store, options: NetworkerOptions) {
    super()
    const { id, keyPair, transports, firewall, maxPeers } = readOptions(store, options)
    const onfault = (error: unknown) => this.#fault(error)
    const open = () => this.#state === 'open' || this.#state === 'starting'
    const { signal } = this.#stopping
    whenAborted(signal, noop) // for good, since a listener that comes and goes costs each dial more than it does

    this.id = id
    this.keyPair = keyPair
    this.#store = store
    this.#transports = new Transports(transports, onfault)
    this.#extensions = new Extensions<Peer>({ onfault })
    const register = this.#extensions.register.bind(this.#extensions) as (...args: unknown[]) => unknown
    this.registerExtension = ((...args: unknown[]) => {
      this.#assertOpen()
      return register(...args)
    }) as Extensions<Peer>['register']
    this.#peers = new Peers({
      store,
      publicKey: keyPair.publicKey,
      extensions: this.#extensions,
      slots: this.#transports.slots,
      signal,
      open,
      onfault,
      onadd: (peer) => this.#tell('peer-add', peer),
      onremove: (peer) => this.#tell('peer-remove', peer),
      onstream: (peer, previous) => this.#tell('peer-stream', peer, previous)
    })
    this.peers = this.#peers.set
    this.streams = this.#peers.streams
    this.#admission = new Admission({
      keyPair,
      firewall,
      maxPeers,
      signal,
      peers: this.#peers,
      open,
      onfault
    })
    this.#topics = new Topics(this.#topicHost())
  }

  /**
   * Announces a topic, looks it up, or both. Both false means to leave it. Resolves when the topic is fully
   * joined or left; with `flush: false` as soon as that is under way, and while suspended at once.
   *
   * @param discoveryKey 32 bytes, a core's `discoveryKey`; or a string in hex or z32
   * @throws NetworkerError `INVALID_TOPIC`, `START_FAILED` when no transport started, `CLOSED`; an abort rejects
   * with the signal's reason
   */
  async configure(discoveryKey: KeyLike, options: ConfigureOptions = {}): Promise<void> {
    const { announce = true, lookup = true, flush = true, signal } = options ?? {}
    const key = toTopic(discoveryKey)
    signal?.throwIfAborted()
    this.#assertUsable()
    const topic = this.#topics.configure(key, toMode(announce, lookup))
    if (!topic) return
    const done = this.#apply(topic, flush)
    done.catch(noop) // an aborted caller no longer listens
    await abortable(done, signal)
  }

  /** Whether a topic is announced or looked up. */
  joined(discoveryKey: KeyLike): boolean {
    return this.#topics.get(toTopic(discoveryKey)) !== undefined
  }

  /** Whether a topic was flushed since it was joined. */
  flushed(discoveryKey: KeyLike): boolean {
    return this.#topics.get(toTopic(discoveryKey))?.flushed ?? false
  }

  /** The configuration of a topic, or undefined when there is none. */
  status(discoveryKey: KeyLike): TopicStatus | undefined {
    const topic = this.#topics.get(toTopic(discoveryKey))
    return topic?.mode ? { ...topic.mode } : undefined
  }

  allStatuses(): (TopicStatus & { discoveryKey: Buffer })[] {
    return Array.from(this.#topics, ({ key, mode }) => ({
      discoveryKey: Buffer.from(key),
      ...(mode as TopicMode)
    }))
  }

  /**
   * Starts the transports; the first `configure` calls it. A transport that fails raises `fault`, and the others
   * carry on.
   *
   * @throws NetworkerError `START_FAILED` when none started, `CLOSED`
   */
  listen(): Promise<void> {
    try {
      this.#assertUsable()
    } catch (error) {
      return Promise.reject(error)
    }
    if (this.#state === 'suspended' && !this.#listening) {
      this.#startOnResume = true
      return Promise.resolve()
    }
    this.#listening ??= this.#start()
    return this.#listening
  }

  /**
   * Dials one peer, through whichever transport can; at once done when it is connected. The connection is not
   * dialled again when it is lost, unless a topic finds the peer.
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
    if (this.#state === 'suspended') {
      throw new NetworkerError('CONNECT_FAILED', 'the networker is suspended; await resume() first')
    }
    const stopping = this.#stopping.signal
    const anySignal = signal ? AbortSignal.any([signal, stopping]) : stopping
    return this.#transports.connect(key, anySignal, {
      find: () => this.#connected(key),
      settled: () => this.#admission.settled()
    })
  }

  /** Ends all connections and traffic, as when a phone puts the app to sleep. Topics are kept. */
  suspend(): Promise<void> {
    return this.#changeTo(async () => {
      if (this.#state !== 'open' && this.#state !== 'idle') return
      this.#state = 'suspended'
      this.#admission.refuseAll()
      const left = this.#topics.suspend()
      await this.#peers.endAll(END_TIMEOUT)
      this.#peers.removeAll()
      await Promise.all([left, this.#transports.suspend()])
    })
  }

  /** Takes all topics up again. */
  resume(): Promise<void> {
    return this.#changeTo(async () => {
      if (this.#state !== 'suspended') return
      if (!this.#listening) {
        this.#state = 'idle'
        if (!this.#startOnResume) return
        await this.listen()
      } else {
        await this.#transports.resume()
        this.#assertOpen()
        this.#state = 'open'
      }
      this.#topics.resume()
    })
  }

  /**
   * Ends all streams, leaves all topics and stops the transports. The store stays open. Safe to call twice, at
   * once and during start.
   *
   * @throws NetworkerError `STOP_FAILED`, naming the transport, after all else is closed
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(): Promise<void> {
    this.#state = 'starting'
    try {
      await this.#transports.start((slot) => this.#admission.hostFor(slot))
    } finally {
      this.#assertOpen()
      this.#state = 'open'
    }
  }

  async #apply(topic: Topic, flush: boolean): Promise<void> {
    try {
      await this.listen()
    } catch (error) {
      await this.#forget(topic)
      throw error
    }
    this.#assertOpen()
    if (topic.mode === null) return this.#topics.leave(topic)
    if (this.#state !== 'open') return // resume takes it up
    const flushed = topic.flush()
    if (flush) return flushed
    flushed.catch(noop) // closing rejects it, and nobody waits
  }

  async #forget({ key }: Topic): Promise<void> {
    const topic = this.#topics.configure(key, null)
    if (topic) await this.#topics.leave(topic)
  }

  async #close(): Promise<void> {
    this.#state = 'closing'
    const error = new NetworkerError('CLOSED', 'the networker was closed; make a new one')
    this.#stopping.abort(error)
    this.#topics.close(error)
    this.#admission.refuseAll()
    const stopped = this.#transports.stop()
    await Promise.allSettled([this.#peers.endAll(END_TIMEOUT), stopped])
    this.#peers.removeAll()
    this.#extensions.destroy()
    this.#state = 'closed'
    await stopped
  }

  #connected(key: Buffer): Peer | undefined {
    const peer = this.#peers.get(key)
    return peer && peer.links.length > 0 ? peer : undefined
  }

  /** One change of state at a time. */
  #changeTo(change: () => Promise<void>): Promise<void> {
    try {
      this.#assertOpen()
    } catch (error) {
      return Promise.reject(error)
    }
    this.#change = this.#change.then(() => this.#listening?.catch(noop)).then(change)
    return this.#change
  }

  #assertOpen(): void {
    if (this.#state !== 'closing' && this.#state !== 'closed') return
    throw new NetworkerError('CLOSED', 'the networker was closed; make a new one')
  }

  #assertUsable(): void {
    this.#assertOpen()
    if (this.#store.closing) {
      throw new NetworkerError('CLOSED', 'the store is closed; make a new store and a new networker')
    }
  }

  #topicHost() {
    const isSuspended = () => this.#state === 'suspended'
    return {
      slots: this.#transports.slots,
      finding: new FindingPeers(this.#store),
      streams: this.streams,
      get suspended() {
        return isSuspended()
      },
      admitted: async () => void (await this.#admission.settled()),
      onjoined: (topic: Topic) => this.#tell('joined', Buffer.from(topic.key)),
      onflushed: (topic: Topic) => this.#tell('flushed', Buffer.from(topic.key))
    }
  }

  #fault(error: unknown): void {
    this.#tell('fault', error)
  }

  /** A listener that throws must not unwind a transport or Protomux: it throws where Node would show it. */
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

function noop(): void {}
