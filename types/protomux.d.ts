declare module 'protomux' {
  import type { Codec } from 'compact-encoding'

  interface Message<T> {
    readonly type: number
    send(message: T): boolean
  }

  interface MessageOptions<T> {
    encoding?: Codec<T>
    autoBatch?: boolean
    onmessage?: (message: T) => unknown
  }

  interface Channel {
    readonly protocol: string
    readonly opened: boolean
    readonly closed: boolean
    readonly drained: boolean
    userData: unknown
    open(handshake?: unknown): void
    close(): void
    cork(): void
    uncork(): void
    fullyOpened(): Promise<boolean>
    addMessage<T>(options: MessageOptions<T>): Message<T>
  }

  interface ChannelOptions {
    protocol: string
    id?: Uint8Array | null
    unique?: boolean
    userData?: unknown
    handshake?: Codec<never>
    messages?: readonly MessageOptions<never>[]
    onopen?: (handshake: unknown) => void
    onclose?: (isRemote: boolean) => void
    ondestroy?: () => void
    ondrain?: () => void
  }

  class Protomux {
    static from(stream: unknown): Protomux
    static isProtomux(value: unknown): boolean
    readonly stream: { destroyed: boolean; destroy(error?: Error): void }
    readonly drained: boolean
    cork(): void
    uncork(): void
    /** Null when the stream is destroyed, or the channel is unique and open already. */
    createChannel(options: ChannelOptions): Channel | null
    opened(channel: { protocol: string; id?: Uint8Array | null }): boolean
    pair(channel: { protocol: string; id?: Uint8Array | null }, notify: (id: Uint8Array | null) => void): void
    unpair(channel: { protocol: string; id?: Uint8Array | null }): void
    destroy(error?: Error): void
  }

  export = Protomux
}
