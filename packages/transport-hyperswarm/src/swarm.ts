import type { KeyPair, NoiseStream } from '@basestore/networker/transport'

// What this transport uses of Hyperswarm 4, by shape. A leading underscore is Hyperswarm's own private name.

export interface Swarm {
  readonly keyPair: KeyPair
  dht: Dht
  readonly server: Server
  readonly connections: ReadonlySet<Connection>
  readonly peers: Map<string, PeerInfo>
  /** Dials in progress. */
  readonly connecting: number
  maxParallel: number
  readonly destroyed: boolean
  readonly suspended: boolean
  readonly listening: Promise<unknown> | null
  /** Dials in progress and open connections, one a peer. */
  readonly _allConnections: {
    get(publicKey: Uint8Array | string): Connection | undefined
    add(connection: Connection): void
    delete(connection: Connection): void
    [Symbol.iterator](): IterableIterator<Connection>
  }
  /** Null for our own key, which nobody dials here. */
  _upsertPeer(publicKey: Uint8Array, relayAddresses: null): PeerInfo
  /** Dials a peer now, unless it is connected, being dialled, or banned. */
  _connect(info: PeerInfo, queued: boolean): void
  /** What Hyperswarm does with each peer that a lookup finds. */
  _handlePeer(info: PeerInfo, topic: Uint8Array): void
  /** Of a topic that is joined. */
  status(topic: Uint8Array): { readonly isClient: boolean } | null
  listen(): Promise<unknown>
  join(topic: Uint8Array, mode: { server: boolean; client: boolean }): Session
  /** Not used: the method by which one is known. */
  readonly joinPeer: unknown
  clear(): Promise<unknown>
  suspend(): Promise<void>
  resume(): Promise<void>
  destroy(options?: { force?: boolean }): Promise<void>
  on(event: 'connection', listener: (connection: Connection, info: PeerInfo) => void): unknown
  on(event: SwarmEvent, listener: () => void): unknown
  removeListener(event: 'connection', listener: (connection: Connection, info: PeerInfo) => void): unknown
  removeListener(event: SwarmEvent, listener: () => void): unknown
}

export type SwarmEvent = 'update' | 'ban' | 'connection'

/** One user's share in a topic of the swarm. */
export interface Session {
  /** True when a query ran and succeeded, false when it failed, undefined when it joined one that ran already. */
  refresh(mode?: { server: boolean; client: boolean }): Promise<boolean | undefined>
  /** Settles with the running query; true at once when none runs. */
  flushed(): Promise<boolean>
  /** Leaves, and unannounces when nobody else announces the topic. */
  destroy(): Promise<void>
}

export interface PeerInfo {
  readonly publicKey: Uint8Array
  readonly topics: readonly Uint8Array[]
  readonly banned: boolean
  /** Whether a connection to it has opened. */
  readonly proven: boolean
  readonly forceRelaying: boolean
  queued: boolean
  /** Dials that failed and connections that were lost, in a row. */
  attempts: number
  reconnect(again: boolean): void
}

export interface Connection extends NoiseStream {
  /** Resolves, also when it is destroyed before it opens. */
  readonly opened: Promise<boolean>
  readonly rawStream: RawStream | null
}

export interface RawStream {
  readonly remoteHost?: string
  readonly remotePort?: number
  readonly bytesReceived?: number
  on(event: 'data', listener: () => void): unknown
  removeListener(event: 'data', listener: () => void): unknown
}

export interface Server {
  suspend?: unknown
  close(): Promise<void>
  prependListener(event: 'connection', listener: (connection: Connection) => void): unknown
}

export type DhtEvent = 'network-change' | 'network-update'

export interface Dht {
  readonly destroyed: boolean
  readonly online?: boolean
  /** Not used: the method by which one is known. */
  readonly announce: unknown
  /** The nodes it knows. */
  toArray(options: { limit: number }): readonly unknown[]
  resume?(): Promise<void>
  destroy(options?: { force?: boolean }): Promise<void>
  on(event: DhtEvent, listener: () => void): unknown
  removeListener(event: DhtEvent, listener: () => void): unknown
  listeners(event: DhtEvent): (() => void)[]
}

/** Whether its DHT has met a node. */
export function hasNodes({ dht }: Swarm): boolean {
  return dht.toArray({ limit: 1 }).length > 0
}

/** Resolves when it closes, which it has not yet. */
export function closed(connection: Connection): Promise<void> {
  return new Promise((resolve) => connection.once('close', resolve))
}

export function noop(): undefined {}

/** The connection to a peer, open or being dialled. */
export function connectionTo({ _allConnections }: Swarm, key: Uint8Array | string): Connection | undefined {
  return _allConnections.get(key)
}

export function infoOf({ peers }: Swarm, key: Uint8Array): PeerInfo | undefined {
  return peers.get(hex(key))
}

/** Dials a peer. Not joinPeer(), which queues it too, lowers maxPeers, and dials until leavePeer() and once more. */
export function dial(swarm: Swarm, info: PeerInfo): void {
  swarm.peers.set(hex(info.publicKey), info) // where Hyperswarm removes it after a failure
  swarm._connect(info, false)
}

/** Lets Hyperswarm dial it again at once: after a failure it waits, and one that was refused it leaves alone. */
export function revive(info: PeerInfo | undefined): void {
  if (!info) return
  info.reconnect(true)
  info.attempts = 0
}

/** The form in which Hyperswarm indexes keys. */
export function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
