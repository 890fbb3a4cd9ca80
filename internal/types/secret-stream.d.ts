declare module '@hyperswarm/secret-stream' {
  import type { Duplex } from 'streamx'

  interface KeyPair {
    publicKey: Uint8Array
    secretKey: Uint8Array
  }

  interface Options {
    keyPair?: KeyPair
    publicKey?: Uint8Array
    remotePublicKey?: Uint8Array
    pattern?: 'XX' | 'IK'
    autoStart?: boolean
    keepAlive?: number
    enableSend?: boolean
    handshake?: {
      tx: Uint8Array
      rx: Uint8Array
      hash: Uint8Array
      publicKey: Uint8Array
      remotePublicKey: Uint8Array
    }
  }

  class NoiseSecretStream extends Duplex {
    static keyPair(seed?: Uint8Array): KeyPair
    constructor(isInitiator: boolean, rawStream?: unknown, options?: Options)
    readonly noiseStream: this
    readonly isInitiator: boolean
    readonly rawStream: Duplex
    readonly publicKey: Uint8Array
    readonly remotePublicKey: Uint8Array
    readonly handshakeHash: Uint8Array
    readonly connected: boolean
    readonly opened: Promise<boolean>
    readonly keepAlive: number
    readonly rawBytesRead: number
    readonly rawBytesWritten: number
    userData: unknown
    setKeepAlive(ms: number): void
    sendKeepAlive(): void
    setTimeout(ms: number): void
    flush(): Promise<boolean>
  }

  export = NoiseSecretStream
}
