declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events'
  import type NoiseSecretStream from '@hyperswarm/secret-stream'

  interface KeyPair {
    publicKey: Buffer
    secretKey: Buffer
  }

  interface Address {
    host: string
    port: number
  }

  interface Options {
    bootstrap?: readonly (string | Address)[]
    nodes?: readonly Address[]
    host?: string
    port?: number
    ephemeral?: boolean
    firewalled?: boolean
    keyPair?: KeyPair
    seed?: Uint8Array
    maxWindow?: number
  }

  interface Server extends EventEmitter {
    readonly closed: boolean
    readonly publicKey: Buffer | null
    listen(keyPair?: KeyPair): Promise<this>
    close(): Promise<void>
  }

  interface Query extends AsyncIterable<{ readonly from: Address; readonly peers: { publicKey: Buffer }[] }> {
    finished(): Promise<void>
    destroy(): void
  }

  class DHT extends EventEmitter {
    static keyPair(seed?: Uint8Array): KeyPair
    /** The first node of a DHT. */
    static bootstrapper(port: number, host: string): DHT
    constructor(options?: Options)
    readonly destroyed: boolean
    readonly suspended: boolean
    readonly online: boolean
    readonly bootstrapped: boolean
    readonly listening: Set<Server>
    address(): Address
    fullyBootstrapped(): Promise<void>
    toArray(options?: { limit?: number }): Address[]
    createServer(onconnection?: (connection: NoiseSecretStream) => void): Server
    connect(publicKey: Uint8Array, options?: { keyPair?: KeyPair }): NoiseSecretStream
    lookup(topic: Uint8Array): Query
    announce(topic: Uint8Array, keyPair: KeyPair): Query
    unannounce(topic: Uint8Array, keyPair: KeyPair): Promise<void>
    suspend(): Promise<void>
    resume(): Promise<void>
    destroy(options?: { force?: boolean }): Promise<void>
  }

  export = DHT
}

declare module 'hyperdht/testnet.js' {
  import type DHT from 'hyperdht'

  interface Testnet {
    readonly nodes: DHT[]
    readonly bootstrap: { host: string; port: number }[]
    /** An ephemeral node on 127.0.0.1. */
    createNode(options?: object): DHT
    destroy(): Promise<void>
  }

  function createTestnet(size?: number, options?: object): Promise<Testnet>
  export = createTestnet
}
