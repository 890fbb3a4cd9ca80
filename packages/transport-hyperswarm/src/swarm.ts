import type { KeyPair, NoiseStream } from '@basestore/networker/transport'

// The part of Hyperswarm 4 that this transport uses, by shape. Names with a leading underscore are private there.

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
  /** Dials in progress and open connections, one for each peer. */
  readonly _allConnections: {
    get(publicKey: Uint8Array | string): Connection | undefined
    add(connection: Connection): void
    delete(connection: Connection): void
    [Symbol.iterator](): IterableIterator<Connection>
  }
  /** It returns null for our own key, which we never pass. */
  _upsertPeer(publicKey: Uint8Array, relayAddresses: null): PeerInfo
  /** Dials a peer now, unless it is connected, being dialled, or banned. */
  _connect(info: PeerInfo, queued: boolean): void
  /** What Hyperswarm does with a queued peer that it does not dial. */
  _flushMaybe(info: PeerInfo): void
  /** What Hyperswarm does with each peer that a lookup finds. */
  _handlePeer(peer: PeerInfo | { readonly publicKey: Uint8Array }, topic: Uint8Array): void
  /** The state of a topic; null when it is not joined. */
  status(topic: Uint8Array): { readonly isClient: boolean } | null
  listen(): Promise<unknown>
  join(topic: Uint8Array, mode: { server: boolean; client: boolean }): Session
  /** Not called: a value that has it is a Hyperswarm. */
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

/** One user's part in a topic of the swarm. A topic can have several users. */
export interface Session {
  /** Resolves true when its query succeeded, false when that failed, undefined when a query ran already. */
  refresh(mode?: { server: boolean; client: boolean }): Promise<boolean | undefined>
  /** Settles with the running query; true at once when none runs. */
  flushed(): Promise<boolean>
  /** Leaves, and unannounces when no other session announces the topic. */
  destroy(): Promise<void>
  readonly discovery: {
    /** The nodes that answered the latest query; null before the first one. */
    readonly _closestNodes: readonly unknown[] | null
  }
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
  /** Resolves also when it is destroyed before it opens. */
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
  /** Has it announce itself again when it looks next. HyperDHT calls it when the network has changed. */
  refresh(): void
  /** What announces it; null while it does not listen. */
  readonly _announcer: {
    readonly relays: readonly unknown[]
    /** What it waits by between two looks. */
    readonly _sleeper: { resume(): void }
  } | null
  prependListener(event: 'connection', listener: (connection: Connection) => void): unknown
}

export interface DhtNode {
  readonly host: string
  readonly port: number
}

export interface DhtQuery {
  /** Nodes that answered. */
  readonly successes: number
  finished(): Promise<void>
}

export type DhtEvent = 'network-change' | 'network-update'

export interface Dht {
  readonly destroyed: boolean
  readonly suspended?: boolean
  readonly table: { readonly id: Uint8Array }
  /** Settles when it has looked for nodes for the first time, whether or not it met one. */
  fullyBootstrapped(): Promise<unknown>
  /** The same in @hyperswarm/dht. */
  ready(): Promise<unknown>
  ping(node: DhtNode, options: { retry: false }): Promise<unknown>
  /** @param options.retries how often a request that is not answered is sent again */
  findNode(target: Uint8Array, options: { retries: number }): DhtQuery
  /** Not called: a value that has it is a DHT. */
  readonly announce: unknown
  /** The DHT nodes that it knows. */
  toArray(options: { limit: number }): readonly DhtNode[]
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

/** Resolves when the connection closes. It must not have closed yet. */
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

/** Dials a peer once. joinPeer() would also queue it, lower maxPeers, and dial until leavePeer() and once more. */
export function dial(swarm: Swarm, info: PeerInfo): void {
  swarm.peers.set(hex(info.publicKey), info) // Hyperswarm removes it after a failure
  swarm._connect(info, false)
}

/** Lets Hyperswarm dial a peer again at once. Otherwise it waits after a failure, and skips a peer that was refused. */
export function revive(info: PeerInfo | undefined): void {
  if (!info) return
  info.reconnect(true)
  info.attempts = 0
}

/** A key as Hyperswarm indexes it. */
export function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
