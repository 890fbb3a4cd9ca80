import type { ByeReason, Hello, Presence } from './wire.js'

/**
 * A stream that Protomux can run on, such as a connection of Hyperswarm. It keeps message boundaries, and its
 * `userData` is null until Protomux takes it. Protomux listens for `data`, `drain`, `end`, `error` and `close`.
 */
export interface MuxStream {
  userData: unknown
  readonly destroyed: boolean
  /** True as soon as `destroy` was called. */
  readonly destroying: boolean
  write(data: Uint8Array): boolean
  end(...args: never[]): unknown
  destroy(error?: Error): unknown
  pause(): unknown
  resume(): unknown
  on(event: 'close', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
  removeListener(event: 'close', listener: () => void): unknown
}

/** Called when the remote answers on one stream. */
export interface ChannelHooks {
  /** The remote has opened its channel on this stream. */
  onopen?(): void
  /** The remote does not use this package. Other channels of the stream go on. */
  onreject?(): void
}

/** With the hooks that `@basestore/networker` adds. */
export interface StreamHooks extends ChannelHooks {
  /** Ours, a hello; null to wait for the remote's, and then to answer it. @default no bytes */
  handshake?(): Uint8Array | null
  /** As `onopen`, with what the remote says of its program; null when it says nothing. */
  onhello?(hello: Hello | null): void
  /** The remote has chosen this stream. The greatest `n` of all of a peer's streams counts. */
  onuse?(n: number): void
  onpresence?(what: Presence): void
  /** The remote refuses this stream, or is about to end it. */
  onbye?(reason: ByeReason): void
}
