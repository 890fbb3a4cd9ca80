declare module 'corestore' {
  import type { EventEmitter } from 'node:events'
  import type Hypercore from 'hypercore'

  interface KeyPair {
    publicKey: Buffer
    secretKey: Buffer
  }

  /** The core that all sessions of one log share. */
  interface InternalCore {
    readonly discoveryKey: Buffer
    readonly replicator: { findingPeers: number; queueUpdateAll(): void; peers: unknown[] }
  }

  interface GetOptions {
    key?: Uint8Array | string
    discoveryKey?: Uint8Array
    name?: string
    keyPair?: KeyPair
    valueEncoding?: string
    exclusive?: boolean
    wait?: boolean
    timeout?: number
    writable?: boolean
  }

  class Corestore extends EventEmitter {
    constructor(
      storage: unknown,
      options?: { primaryKey?: Uint8Array; unsafe?: boolean; readOnly?: boolean; allowBackup?: boolean }
    )
    readonly opened: boolean
    readonly closing: Promise<void> | null
    readonly closed: boolean
    readonly cores: { get(discoveryKey: Uint8Array): InternalCore | null; readonly size: number }
    ready(): Promise<void>
    close(): Promise<void>
    get(options: GetOptions | Uint8Array | string): Hypercore
    namespace(name: string): Corestore
    session(options?: object): Corestore
    createKeyPair(name: string): Promise<KeyPair>
    replicate(streamOrInitiator: unknown, options?: object): unknown
    watch(listener: (core: InternalCore) => void): void
    unwatch(listener: (core: InternalCore) => void): void
  }

  export = Corestore
}
