// Declarations of libraries that ship none, for apps in TypeScript: a part of their public face, as their READMEs have
// it. Opt in with "types": ["node", "@basestore/networker/types"] in the compilerOptions of tsconfig.json, or with a line
// /// <reference types="@basestore/networker/types" />. Leave it out once a library ships types of its own.

declare module 'corestore' {
  import type { EventEmitter } from 'node:events'
  import type Hypercore from 'hypercore'

  namespace Corestore {
    interface KeyPair {
      publicKey: Buffer
      secretKey: Buffer
    }

    interface Options {
      /** 32 bytes of which all keys are derived. It needs `unsafe: true`. */
      primaryKey?: Uint8Array
      unsafe?: boolean
      writable?: boolean
      readOnly?: boolean
      allowBackup?: boolean
      active?: boolean
    }

    interface GetOptions extends Hypercore.Options {
      name?: string
      key?: Uint8Array | string
      discoveryKey?: Uint8Array
    }

    /** The core that all sessions of one log share. */
    interface LoadedCore {
      readonly key: Buffer | null
      readonly discoveryKey: Buffer | null
      readonly opening: Promise<void> | null
      readonly replicator: { findingPeers: number; queueUpdateAll(): void }
    }
  }

  class Corestore extends EventEmitter {
    /** @param storage the path of a directory, or a storage such as `memoryStorage()` of `@basestore/storage-memory` */
    constructor(storage: unknown, options?: Corestore.Options)
    readonly opened: boolean
    readonly closing: Promise<void> | null
    readonly closed: boolean
    readonly cores: {
      readonly size: number
      get(discoveryKey: Uint8Array): Corestore.LoadedCore | null
      [Symbol.iterator](): Iterator<Corestore.LoadedCore>
    }
    ready(): Promise<void>
    close(): Promise<void>
    suspend(): Promise<void>
    resume(): Promise<void>
    get<T = Buffer>(options: Corestore.GetOptions | Uint8Array | string): Hypercore<T>
    namespace(name: string | Uint8Array): Corestore
    session(options?: object): Corestore
    list(namespace?: Uint8Array): AsyncIterable<Buffer>
    createKeyPair(name: string): Promise<Corestore.KeyPair>
    replicate(streamOrIsInitiator: unknown, options?: object): unknown
    watch(listener: (core: Corestore.LoadedCore) => void): void
    unwatch(listener: (core: Corestore.LoadedCore) => void): void
  }

  export = Corestore
}

declare module 'hypercore' {
  import type { EventEmitter } from 'node:events'

  namespace Hypercore {
    interface KeyPair {
      publicKey: Buffer
      secretKey: Buffer
    }

    interface Options {
      valueEncoding?: 'binary' | 'utf-8' | 'json' | object
      keyPair?: KeyPair
      encryption?: { key: Uint8Array }
      writable?: boolean
      createIfMissing?: boolean
      overwrite?: boolean
      exclusive?: boolean
      wait?: boolean
      /** Milliseconds. */
      timeout?: number
      key?: Uint8Array | string
      active?: boolean
    }

    interface GetOptions {
      wait?: boolean
      /** Milliseconds. */
      timeout?: number
      valueEncoding?: 'binary' | 'utf-8' | 'json' | object
    }

    interface Peer {
      readonly remotePublicKey: Buffer
      readonly remoteLength: number
      readonly remoteContiguousLength: number
    }

    interface Range {
      start?: number
      /** -1 downloads what comes later, too. */
      end?: number
      linear?: boolean
      blocks?: readonly number[]
    }

    interface Download {
      done(): Promise<unknown>
      destroy(): void
    }

    /** A stream of streamx. */
    interface ReadStream<T> extends EventEmitter, AsyncIterable<T> {
      pipe<W>(target: W): W
      destroy(error?: Error | null): unknown
    }
  }

  class Hypercore<T = Buffer> extends EventEmitter {
    constructor(
      storage: unknown,
      key?: Uint8Array | string | null | Hypercore.Options,
      options?: Hypercore.Options
    )
    static discoveryKey(key: Uint8Array): Buffer
    /** The key in z32; null until it is ready, like the next two. */
    readonly id: string
    readonly key: Buffer
    readonly discoveryKey: Buffer
    readonly keyPair: Hypercore.KeyPair | null
    readonly length: number
    readonly byteLength: number
    readonly contiguousLength: number
    readonly fork: number
    readonly writable: boolean
    readonly readable: boolean
    readonly opened: boolean
    readonly closing: Promise<void> | null
    readonly closed: boolean
    readonly peers: readonly Hypercore.Peer[]
    ready(): Promise<void>
    close(options?: { error?: Error }): Promise<void>
    append(
      block: T | Uint8Array | string | readonly (T | Uint8Array | string)[]
    ): Promise<{ length: number; byteLength: number }>
    get(index: number, options?: Hypercore.GetOptions): Promise<T>
    has(start: number, end?: number): Promise<boolean>
    update(options?: { wait?: boolean; force?: boolean }): Promise<boolean>
    seek(byteOffset: number, options?: Hypercore.GetOptions): Promise<[index: number, offset: number]>
    clear(start: number, end?: number, options?: { diff?: boolean }): Promise<unknown>
    truncate(length: number, fork?: number | object): Promise<void>
    treeHash(length?: number): Promise<Buffer>
    download(range?: Hypercore.Range): Hypercore.Download
    session(options?: object): Hypercore<T>
    snapshot(options?: object): Hypercore<T>
    info(options?: { storage?: boolean }): Promise<object>
    createReadStream(options?: {
      start?: number
      end?: number
      live?: boolean
      snapshot?: boolean
    }): Hypercore.ReadStream<T>
    createByteStream(options?: { byteOffset?: number; byteLength?: number }): Hypercore.ReadStream<Buffer>
    replicate(streamOrIsInitiator: unknown, options?: object): unknown
    findingPeers(): () => void
  }

  export = Hypercore
}

declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'

  namespace Hyperswarm {
    interface KeyPair {
      publicKey: Uint8Array
      secretKey: Uint8Array
    }

    interface Options {
      keyPair?: KeyPair
      /** 32 bytes of which the key pair is derived. */
      seed?: Uint8Array
      dht?: object
      bootstrap?: readonly (string | { host: string; port: number })[]
      nodes?: readonly { host: string; port: number }[]
      port?: number
      maxPeers?: number
      maxClientConnections?: number
      maxServerConnections?: number
      maxParallel?: number
      firewall?: (remotePublicKey: Buffer, payload: unknown) => boolean
      relayThrough?: unknown
      /** Milliseconds. */
      backoffs?: readonly [number, number, number, number]
      /** Milliseconds. */
      jitter?: number
    }

    interface JoinOptions {
      server?: boolean
      client?: boolean
      limit?: number
    }

    /** An encrypted stream of `@hyperswarm/secret-stream`. */
    interface Connection extends EventEmitter {
      readonly publicKey: Buffer
      readonly remotePublicKey: Buffer
      readonly handshakeHash: Buffer
      readonly isInitiator: boolean
      readonly connected: boolean
      readonly destroying: boolean
      readonly destroyed: boolean
      readonly rawStream: unknown
      userData: unknown
      setKeepAlive(ms: number): void
      write(data: Uint8Array | string): boolean
      end(data?: Uint8Array | string): unknown
      destroy(error?: Error | null): unknown
      pause(): unknown
      resume(): unknown
      pipe<W>(target: W): W
    }

    interface PeerInfo {
      readonly publicKey: Buffer
      readonly topics: Buffer[]
      readonly prioritized: boolean
      readonly banned: boolean
      readonly client: boolean
      ban(banned?: boolean): void
    }

    interface Discovery {
      readonly topic: Buffer
      flushed(): Promise<boolean>
      refresh(options?: JoinOptions): Promise<unknown>
      destroy(): Promise<void>
    }

    interface Events {
      connection: [connection: Connection, info: PeerInfo]
      ban: [info: PeerInfo, error: Error]
      update: []
      close: []
    }

    interface Dht extends EventEmitter {
      readonly destroyed: boolean
      destroy(options?: { force?: boolean }): Promise<void>
    }
  }

  class Hyperswarm extends EventEmitter<Hyperswarm.Events> {
    constructor(options?: Hyperswarm.Options)
    readonly keyPair: Hyperswarm.KeyPair
    readonly dht: Hyperswarm.Dht
    readonly connections: Set<Hyperswarm.Connection>
    readonly peers: Map<string, Hyperswarm.PeerInfo>
    readonly connecting: number
    readonly destroyed: boolean
    readonly suspended: boolean
    maxPeers: number
    listen(): Promise<unknown>
    join(topic: Uint8Array, options?: Hyperswarm.JoinOptions): Hyperswarm.Discovery
    leave(topic: Uint8Array): Promise<void>
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    status(topic: Uint8Array): Hyperswarm.Discovery | null
    flush(): Promise<boolean>
    suspend(options?: { log?: (...args: unknown[]) => unknown }): Promise<void>
    resume(options?: { log?: (...args: unknown[]) => unknown }): Promise<void>
    destroy(options?: { force?: boolean }): Promise<void>
  }

  export = Hyperswarm
}
