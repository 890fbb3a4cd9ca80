import {
  abortable,
  NetworkerError,
  type TopicMode,
  type Transport,
  type TransportHost
} from '@basestore/networker/transport'
import type { Clock } from './clock.js'
import { Connections } from './connections.js'
import { type Directory, idOf, TopicRecord } from './directory.js'
import type { Links } from './links.js'
import type { Random } from './random.js'

export interface MemoryTransportOptions {
  readonly name: string
  readonly address: string
  readonly clock: Clock
  readonly directory: Directory
  readonly links: Links
  readonly random: Random
}

/** One peer's place in a network. */
export class MemoryTransport implements Transport {
  readonly name: string
  readonly #options: MemoryTransportOptions
  readonly #directory: Directory
  readonly #topics = new Map<string, TopicRecord>()
  #connections!: Connections
  #state: 'idle' | 'open' | 'suspended' | 'stopped' = 'idle'

  constructor(options: MemoryTransportOptions) {
    this.name = options.name
    this.#options = options
    this.#directory = options.directory
  }

  /** Once started. */
  get connections(): Connections {
    return this.#connections
  }

  start(host: TransportHost): void {
    const { address, links } = this.#options
    this.#connections = new Connections({ host, address, links })
    this.#open()
  }

  join(topic: Uint8Array, mode: TopicMode): void {
    const record = this.#record(topic)
    record.set(mode)
    if (this.#state !== 'open') return

    this.#directory.addTopic(record)
    // Lookup first: whom it dials need not dial us when they hear of us.
    if (mode.lookup) this.#lookUp(record)
    if (mode.announce) this.#announce(record)
  }

  leave(topic: Uint8Array): void {
    const record = this.#record(topic)
    record.set({ announce: false, lookup: false })
    this.#directory.removeTopic(record)
    this.#topics.delete(record.id)
  }

  async flush(topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    // An announcement is found from the moment of the join on: only a lookup can take its time.
    const record = this.#topics.get(idOf(topic))
    if (this.#state !== 'open' || !record?.lookup) return
    const reached = this.#lookUp(record)
    if (reached.length > 0) await abortable(Promise.all(reached), signal)
  }

  async connect(remotePublicKey: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    if (this.#state !== 'open') throw this.#unreachable('this peer is suspended; resume it first')
    const id = idOf(remotePublicKey)
    if (this.#connections.has(id)) return
    const remote = this.#directory.findPeer(id)
    if (!remote) {
      throw this.#unreachable('no peer with this key is started in this network, or it is suspended')
    }

    const reason = { wanted: true }
    try {
      const { opened, cause } = await abortable(this.#connections.reach(remote, reason), signal)
      if (!opened) {
        throw this.#unreachable('one of the two does not want the other; look at maxPeers and close()', cause)
      }
    } finally {
      reason.wanted = false
      this.#connections.reconsider(remote)
    }
  }

  async suspend(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'suspended'
    await this.#vanish()
    await this.#connections.destroyStreams()
  }

  async resume(): Promise<void> {
    if (this.#state !== 'suspended') return
    this.#open()
    for (const record of this.#topics.values()) this.#directory.addTopic(record)
    for (const record of this.#topics.values()) {
      if (record.lookup) this.#lookUp(record)
      if (record.announce) this.#announce(record)
    }
  }

  async stop(): Promise<void> {
    const started = this.#state !== 'idle'
    this.#state = 'stopped'
    if (started) await this.#vanish()
    this.#topics.clear()
  }

  #open(): void {
    this.#state = 'open'
    this.#connections.listen()
    this.#directory.addPeer(this.#connections)
  }

  async #vanish(): Promise<void> {
    this.#directory.removePeer(this.#connections)
    for (const record of this.#topics.values()) this.#directory.removeTopic(record)
    await this.#connections.stop()
  }

  /** Each settles when one of the peers that are found now was handed over, refused, or has failed. */
  #lookUp(record: TopicRecord): Promise<unknown>[] {
    const found = this.#options.random.shuffle(this.#directory.announcers(record))
    return found.map((peer) => this.#connections.reach(peer, record))
  }

  /** Tells the standing lookups; one that begins later finds us by itself. */
  #announce(record: TopicRecord): void {
    const seekers = this.#directory.seekers(record)
    if (seekers.length === 0) return
    this.#options.clock.defer(() => {
      for (const seeker of seekers) if (record.announce) seeker.peer.reach(record.peer, seeker)
    })
  }

  #record(topic: Uint8Array): TopicRecord {
    const id = idOf(topic)
    const known = this.#topics.get(id)
    if (known) return known
    const record = new TopicRecord(this.#connections, topic, id)
    this.#topics.set(id, record)
    return record
  }

  #unreachable(detail: string, cause?: unknown): NetworkerError {
    return new NetworkerError('CONNECT_FAILED', detail, { transport: this.name, cause })
  }
}
