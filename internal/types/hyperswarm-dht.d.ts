declare module '@hyperswarm/dht' {
  import type { EventEmitter } from 'node:events'

  interface Address {
    host: string
    port: number
  }

  interface Options {
    bootstrap?: readonly (string | Address)[]
    host?: string
    port?: number
    ephemeral?: boolean
    firewalled?: boolean
  }

  /** The predecessor of hyperdht: no relays, and its servers cannot suspend. */
  class DHT extends EventEmitter {
    constructor(options?: Options)
    readonly destroyed: boolean
    readonly listening: Set<object>
    address(): Address
    ready(): Promise<void>
    fullyBootstrapped(): Promise<void>
    destroy(options?: { force?: boolean }): Promise<void>
  }

  export = DHT
}
