import { EventEmitter } from 'node:events'
import { Extensions } from '@basestore/extensions'
import { Admission } from './admission.js'
import type { KeyPair, TopicMode } from './contract.js'
import { NetworkerError } from './errors.js'
import { FindingPeers } from './finding-peers.js'
import { type KeyLike, sameKey, toPublicKey, toTopic } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { type NetworkerOptions, readOptions } from './options.js'
import type { Peer } from './peer.js'
import { Peers } from './peers.js'
import type { Store } from './store.js'
import type { Topic } from './topic.js'
import { Topics, toMode } from './topics.js'
import { TransportSlot } from './transport-slot.js'
import { abortable } from './wait.js'

/** How long the remotes may take to end their side when we close or suspend, in milliseconds. */
const END_TIMEOUT = 1_000

/** The events of a networker and their arguments. There is no `'error'`: unheard, it would end the process. */
export interface NetworkerEvents {
  /** A peer is connected. */
  'peer-add': [peer: Peer]
  /** A peer's last stream is gone, and no other transport reached it again. */
  'peer-remove': [peer: Peer]
  /** Another stream than `previous` carries the peer. Who opened Protomux channels of their own reopens them. */
  'peer-stream': [peer: Peer, previous: NoiseStream]
  /** A topic was handed to the transports. */
  joined: [discoveryKey: Buffer]
  /** A topic is announced, and every peer that was found was tried: once after each join or change of mode. */
  flushed: [discoveryKey: Buffer]
  /** Trouble that the networker lives through, such as a transport that fails or a peer that sends garbage. */
  fault: [error: unknown]
}

export interface ConfigureOptions {
  /** Let others find us under this topic. @default true */
  readonly announce?: boolean
  /** Look for those who announce it. @default true */
  readonly lookup?: boolean
  /** Wait until the topic is announced and every peer that was found was tried. @default true */
  readonly flush?: boolean
  /** Ends the waiting. The topic stays configured. */
  readonly signal?: AbortSignal
}

/** The configuration of a topic. */
export interface TopicStatus {
  readonly announce: boolean
  readonly lookup: boolean
}

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
  readonly #slots: readonly TransportSlot[]
  readonly #extensions: Extensions<Peer>
  readonly #peers: Peers
  readonly #admission: Admission
  readonly #topics: Topics
  readonly #stopping = new AbortController()
  #listening: Promise<void> | null = null
  #closing: Promise<void> | null = null
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

    this.id = id
    this.keyPair = keyPair
    this.#store = store
    this.#slots = transports.map((transport, rank) => new TransportSlot(transport, rank, onfault))
    this.#extensions = new Extensions<Peer>({ onfault })
    this.registerExtension = this.#extensions.register.bind(this.#extensions) as Extensions<Peer>['register']
    this.#peers = new Peers({
      store,
      publicKey: keyPair.publicKey,
      extensions: this.#extensions,
      slots: this.#slots,
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
   * joined or left; with `flush: false` as soon as that is under way.
   *
   * @param discoveryKey 32 bytes, a core's `discoveryKey`; or a string in hex or z32
   * @throws NetworkerError `INVALID_TOPIC`, `START_FAILED` when no transport started, `CLOSED`; an abort rejects
   * with the signal's reason
   */
  async configure(discoveryKey: KeyLike, options: ConfigureOptions = {}): Promise<void> {
    const { announce = true, lookup = true, flush = true, signal } = options
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
    const stopping = this.#stopping.signal
    return this.#dial(key, signal ? AbortSignal.any([signal, stopping]) : stopping)
  }

  /** Ends all connections and traffic, as when a phone puts the app to sleep. Topics are kept. */
  suspend(): Promise<void> {
    return this.#changeTo(async () => {
      if (this.#state !== 'open') return
      this.#state = 'suspended'
      this.#admission.refuseAll()
      const left = this.#topics.suspend()
      await this.#peers.endAll(END_TIMEOUT)
      await Promise.all([left, ...this.#slots.map((slot) => slot.suspend())])
    })
  }

  /** Takes all topics up again. */
  resume(): Promise<void> {
    return this.#changeTo(async () => {
      if (this.#state !== 'suspended') return
      await Promise.all(this.#slots.map((slot) => slot.resume()))
      if (this.#state !== 'suspended') return
      this.#state = 'open'
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
    const starts = this.#slots.map((slot) => slot.start(this.#admission.hostFor(slot)))
    const failures = (await Promise.allSettled(starts)).filter((outcome) => outcome.status === 'rejected')
    this.#assertOpen()
    this.#state = 'open'
    if (failures.length < starts.length) {
      for (const { reason } of failures) this.#fault(reason)
      return
    }
    const errors = failures.map(({ reason }) => reason as NetworkerError)
    if (errors.length === 1) throw errors[0]
    throw new NetworkerError(
      'START_FAILED',
      `no transport did: ${errors.map(({ message }) => message).join('; ')}`,
      {
        cause: new AggregateError(errors)
      }
    )
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

  async #dial(key: Buffer, signal: AbortSignal): Promise<Peer> {
    const dialers = this.#slots.filter((slot) => slot.canConnect)
    if (dialers.length === 0) {
      throw new NetworkerError(
        'UNSUPPORTED',
        'no transport dials by key; configure a topic that the peer announces'
      )
    }
    const errors: unknown[] = []
    for (const slot of [null, ...dialers]) {
      try {
        await slot?.connect(key, signal)
        await abortable(this.#admission.settled(), signal)
      } catch (error) {
        signal.throwIfAborted()
        errors.push(error)
      }
      const peer = this.#peers.get(key)
      if (peer && peer.links.length > 0) return peer
    }
    throw new NetworkerError(
      'CONNECT_FAILED',
      `${key.toString('hex')} was not reached, or was refused; check that it is online and that maxPeers and firewall admit it`,
      { cause: errors.length === 1 ? errors[0] : new AggregateError(errors) }
    )
  }

  async #close(): Promise<void> {
    this.#state = 'closing'
    const error = new NetworkerError('CLOSED', 'the networker was closed; make a new one')
    this.#stopping.abort(error)
    this.#topics.close(error)
    this.#admission.refuseAll()
    const stops = this.#slots.map((slot) => slot.stop())
    const [, ...outcomes] = await Promise.allSettled([this.#peers.endAll(END_TIMEOUT), ...stops])
    this.#peers.removeAll()
    this.#extensions.destroy()
    this.#state = 'closed'
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) {
      const names = errors.map(({ transport }) => `'${transport}'`).join(', ')
      throw new NetworkerError('STOP_FAILED', `transports ${names}; see cause`, {
        cause: new AggregateError(errors)
      })
    }
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
      slots: this.#slots,
      finding: new FindingPeers(this.#store),
      get suspended() {
        return isSuspended()
      },
      admitted: () => this.#admission.settled(),
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
