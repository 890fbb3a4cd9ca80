declare module 'protomux' {
  namespace Protomux {
    /** As compact-encoding's encoders are. */
    export interface Encoder<T> {
      preencode(state: { start: number; end: number; buffer: Uint8Array | null }, message: T): void
      encode(state: { start: number; end: number; buffer: Uint8Array | null }, message: T): void
      decode(state: { start: number; end: number; buffer: Uint8Array | null }): T
    }

    export interface Message<T> {
      readonly type: number
      /** False when the stream wants its caller to wait, and when the channel is closed. True while corked. */
      send(message: T): boolean
    }

    export interface MessageOptions<T> {
      encoding?: Encoder<T>
      autoBatch?: boolean
      onmessage?: (message: T, channel: Channel) => unknown
    }

    export interface Channel {
      readonly protocol: string
      readonly opened: boolean
      readonly closed: boolean
      readonly drained: boolean
      readonly messages: readonly Message<Uint8Array>[]
      userData: unknown
      /** The remote's, once it has opened the channel. */
      handshake: Uint8Array | null
      open(handshake?: unknown): void
      close(): void
      cork(): void
      uncork(): void
      fullyOpened(): Promise<boolean>
      addMessage<T>(options: MessageOptions<T>): Message<T>
    }

    export interface ChannelOptions<T = never> {
      protocol: string
      id?: Uint8Array | null
      unique?: boolean
      userData?: unknown
      handshake?: Encoder<Uint8Array>
      messages?: readonly MessageOptions<T>[]
      onopen?: (handshake: Uint8Array, channel: Channel) => void
      onclose?: (isRemote: boolean, channel: Channel) => void
      ondestroy?: (channel: Channel) => void
      ondrain?: (channel: Channel) => void
    }
  }

  class Protomux {
    static from(stream: unknown): Protomux
    static isProtomux(value: unknown): boolean
    readonly stream: { destroyed: boolean; destroy(error?: Error): void }
    /** The result of the last write to the stream; true again after its drain. */
    readonly drained: boolean
    /** How many calls of cork wait for their uncork. */
    readonly corked: number
    cork(): void
    uncork(): void
    /** Null when the stream is destroyed, or the channel is unique and open already. */
    createChannel<T = never>(options: Protomux.ChannelOptions<T>): Protomux.Channel | null
    opened(channel: { protocol: string; id?: Uint8Array | null }): boolean
    pair(channel: { protocol: string; id?: Uint8Array | null }, notify: (id: Uint8Array | null) => void): void
    unpair(channel: { protocol: string; id?: Uint8Array | null }): void
    destroy(error?: Error): void
  }

  export = Protomux
}
