declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'
  import type NoiseSecretStream from '@hyperswarm/secret-stream'
  import type DHT from 'hyperdht'

  interface KeyPair {
    publicKey: Uint8Array
    secretKey: Uint8Array
  }

  interface PeerInfo {
    readonly publicKey: Buffer
    readonly topics: Buffer[]
    readonly banned: boolean
    readonly client: boolean
    readonly proven: boolean
    readonly explicit: boolean
    readonly reconnecting: boolean
    attempts: number
    queued: boolean
    ban(banned: boolean): void
    reconnect(again: boolean): void
  }

  interface PeerDiscovery {
    readonly topic: Buffer
    readonly isServer: boolean
    readonly isClient: boolean
    readonly destroyed: boolean
    flushed(): Promise<boolean>
    session(options: { server?: boolean; client?: boolean; limit?: number }): PeerDiscoverySession
  }

  interface PeerDiscoverySession {
    readonly topic: Buffer
    readonly destroyed: boolean
    flushed(): Promise<boolean>
    refresh(options?: { server?: boolean; client?: boolean; limit?: number }): Promise<boolean | undefined>
    destroy(): Promise<void>
  }

  class Hyperswarm extends EventEmitter {
    constructor(options?: { keyPair?: KeyPair; seed?: Uint8Array; dht?: object; maxParallel?: number })
    readonly keyPair: { publicKey: Buffer; secretKey: Buffer }
    readonly dht: DHT
    readonly server: { readonly closed: boolean; close(): Promise<void> }
    readonly connections: Set<NoiseSecretStream>
    readonly peers: Map<string, PeerInfo>
    readonly explicitPeers: Set<PeerInfo>
    readonly connecting: number
    readonly destroyed: boolean
    readonly suspended: boolean
    readonly listening: Promise<unknown> | null
    maxPeers: number
    maxParallel: number
    listen(): Promise<unknown>
    join(
      topic: Uint8Array,
      options?: { server?: boolean; client?: boolean; limit?: number }
    ): PeerDiscoverySession
    leave(topic: Uint8Array): Promise<void>
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    status(topic: Uint8Array): PeerDiscovery | null
    topics(): IterableIterator<PeerDiscovery>
    flush(): Promise<boolean>
    clear(): Promise<unknown>
    suspend(): Promise<void>
    resume(): Promise<void>
    destroy(options?: { force?: boolean }): Promise<void>
  }

  export = Hyperswarm
}
