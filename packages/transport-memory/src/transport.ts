import {
  abortable,
  NetworkerError,
  type TopicMode,
  type Transport,
  type TransportHost
} from '@basestore/networker/transport'
import { toId } from './bytes.js'
import type { Directory } from './discovery/directory.js'
import type { Discovery } from './discovery/discovery.js'
import { TopicRecord } from './discovery/topic-record.js'
import type { Host } from './host.js'
import { Connections } from './links/connections.js'
import type { Links } from './links/links.js'
import type { Random } from './random.js'

/** The surroundings of a transport. */
export interface MemoryTransportContext {
  readonly name: string
  readonly address: string
  /** The computer that it runs on. */
  readonly host: Host
  readonly directory: Directory
  readonly discovery: Discovery
  readonly links: Links
  readonly random: Random
}

/** One peer's place in a network. */
export class MemoryTransport implements Transport {
  readonly name: string
  readonly #context: MemoryTransportContext
  readonly #topics = new Map<string, TopicRecord>()
  #connections!: Connections
  #state: 'idle' | 'open' | 'suspended' | 'stopped' = 'idle'

  constructor(context: MemoryTransportContext) {
    this.name = context.name
    this.#context = context
  }

  /** Undefined until it is started. */
  get connections(): Connections | undefined {
    return this.#connections
  }

  start(transportHost: TransportHost): void {
    const { address, host, links } = this.#context
    this.#connections = new Connections({ transportHost, address, host, links })
    this.#open()
  }

  join(topic: Uint8Array, mode: TopicMode): void {
    const record = this.#record(topic)
    record.set(mode)
    if (this.#state === 'open') this.#context.discovery.join(record)
  }

  leave(topic: Uint8Array): void {
    const record = this.#record(topic)
    if (!this.#context.host.isDead) record.set({ announce: false, lookup: false })
    this.#context.discovery.leave(record)
    this.#topics.delete(record.id)
  }

  async flush(topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    const record = this.#topics.get(toId(topic))
    if (this.#state === 'open' && record) await this.#context.discovery.flush(record, signal)
  }

  async connect(remotePublicKey: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    if (this.#state !== 'open') throw this.#connectFailed('this peer is suspended; resume it first')
    const id = toId(remotePublicKey)
    if (this.#connections.has(id)) return
    if (!this.#context.discovery.answers(this.#context.host)) {
      throw this.#connectFailed(
        'this host is offline: unplug() or failDiscovery() of the network is in force'
      )
    }
    const remote = this.#context.directory.findPeer(id)
    if (!remote) {
      this.#connections.note({ type: 'failed', remotePublicKey, outcome: 'gone' })
      throw this.#connectFailed('no peer with this key is started in this network, or it is suspended')
    }

    const reason = { wanted: true }
    try {
      const { opened, cause } = await abortable(this.#connections.reach(remote, reason), signal)
      // The other side may have been first: then our dial did not open, and the peer is connected all the same.
      if (!opened && !this.#connections.has(id)) throw this.#connectFailed(reasonOf(cause), cause)
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
    for (const record of this.#topics.values()) this.#context.discovery.join(record)
  }

  async stop(): Promise<void> {
    const wasStarted = this.#state !== 'idle'
    this.#state = 'stopped'
    if (wasStarted) await this.#vanish()
    this.#topics.clear()
  }

  #open(): void {
    this.#state = 'open'
    this.#connections.listen()
    this.#connections.tellOnline(this.#context.discovery.answers(this.#context.host))
    this.#context.directory.addPeer(this.#connections)
  }

  async #vanish(): Promise<void> {
    const { host, directory, discovery } = this.#context
    if (!host.isDead) directory.removePeer(this.#connections)
    for (const record of this.#topics.values()) discovery.leave(record)
    await this.#connections.stop()
  }

  #record(topic: Uint8Array): TopicRecord {
    const id = toId(topic)
    const known = this.#topics.get(id)
    if (known) return known
    const record = new TopicRecord(this.#connections, topic, id, this.#context.random)
    this.#topics.set(id, record)
    return record
  }

  #connectFailed(detail: string, cause?: unknown): NetworkerError {
    return new NetworkerError('CONNECT_FAILED', detail, { transport: this.name, cause })
  }
}

function reasonOf(cause: unknown): string {
  if (cause === undefined) return 'this peer does not want the other; look at maxPeers and close()'
  return 'the dial failed, as it also does when the other does not want this peer; look at the cause'
}
