import {
  abortable,
  NetworkerError,
  type TopicMode,
  type Transport,
  type TransportHost
} from '@basestore/networker/transport'
import { type Directory, idOf } from './discovery/directory.js'
import type { Discovery } from './discovery/discovery.js'
import { TopicRecord } from './discovery/topic-record.js'
import type { Host } from './host.js'
import { Connections } from './links/connections.js'
import type { Links } from './links/links.js'
import type { Random } from './random.js'

export interface MemoryTransportOptions {
  readonly name: string
  readonly address: string
  readonly machine: Host
  readonly directory: Directory
  readonly discovery: Discovery
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

  /** Undefined until it is started. */
  get connections(): Connections | undefined {
    return this.#connections
  }

  start(host: TransportHost): void {
    const { address, machine, links } = this.#options
    this.#connections = new Connections({ host, address, machine, links })
    this.#open()
  }

  join(topic: Uint8Array, mode: TopicMode): void {
    const record = this.#record(topic)
    record.set(mode)
    if (this.#state === 'open') this.#options.discovery.join(record)
  }

  leave(topic: Uint8Array): void {
    const record = this.#record(topic)
    if (!this.#options.machine.isDead) record.set({ announce: false, lookup: false })
    this.#options.discovery.leave(record)
    this.#topics.delete(record.id)
  }

  async flush(topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    const record = this.#topics.get(idOf(topic))
    if (this.#state === 'open' && record) await this.#options.discovery.flush(record, signal)
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
      // Not only by our dial: the other side may have been first.
      if (!opened && !this.#connections.has(id)) throw this.#unreachable(reasonOf(cause), cause)
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
    for (const record of this.#topics.values()) this.#options.discovery.join(record)
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
    if (!this.#options.machine.isDead) this.#directory.removePeer(this.#connections)
    for (const record of this.#topics.values()) this.#options.discovery.leave(record)
    await this.#connections.stop()
  }

  #record(topic: Uint8Array): TopicRecord {
    const id = idOf(topic)
    const known = this.#topics.get(id)
    if (known) return known
    const record = new TopicRecord(this.#connections, topic, id, this.#options.random)
    this.#topics.set(id, record)
    return record
  }

  #unreachable(detail: string, cause?: unknown): NetworkerError {
    return new NetworkerError('CONNECT_FAILED', detail, { transport: this.name, cause })
  }
}

function reasonOf(cause: unknown): string {
  if (cause === undefined) return 'this peer does not want the other; look at maxPeers and close()'
  return 'the dial failed, as it also does when the other does not want this peer; look at the cause'
}
