import { settledWithin } from './wait.js'

/** Events of a {@link NoiseStream} and their arguments. */
export interface NoiseStreamEvents {
  connect: []
  data: [data: Uint8Array]
  drain: []
  end: []
  error: [error: Error]
  close: []
}

/**
 * An authenticated, encrypted duplex stream between two key pairs, made by `@hyperswarm/secret-stream`. `secure()`
 * returns one; the connections of Hyperswarm are such streams already.
 */
export interface NoiseStream {
  /** 32 bytes, our Noise public key. */
  readonly publicKey: Uint8Array
  /** 32 bytes, proven by the handshake. */
  readonly remotePublicKey: Uint8Array
  /** 64 bytes, equal on both ends and different for every connection. */
  readonly handshakeHash: Uint8Array
  readonly isInitiator: boolean
  /** True once the handshake is done. */
  readonly connected: boolean
  readonly destroying: boolean
  readonly destroyed: boolean
  /** The carrier of the encrypted bytes: a UDX stream, a socket, a link in memory. */
  readonly rawStream: unknown
  /** Encrypted bytes received since the handshake. */
  readonly rawBytesRead: number
  /** Encrypted bytes sent since the handshake. */
  readonly rawBytesWritten: number
  /** Milliseconds between keep-alive frames, 0 when there are none. */
  readonly keepAlive: number
  setKeepAlive(ms: number): void
  /** The Protomux of this stream, once there is one: `Protomux.from(stream)` gives it. */
  userData: unknown

  /** Returns false when the caller should wait for `drain`. */
  write(data: Uint8Array): boolean
  end(data?: Uint8Array): unknown
  destroy(error?: Error | null): unknown
  pause(): unknown
  resume(): unknown

  on<E extends keyof NoiseStreamEvents>(event: E, listener: (...args: NoiseStreamEvents[E]) => void): this
  once<E extends keyof NoiseStreamEvents>(event: E, listener: (...args: NoiseStreamEvents[E]) => void): this
  removeListener<E extends keyof NoiseStreamEvents>(
    event: E,
    listener: (...args: NoiseStreamEvents[E]) => void
  ): this
}

/** Ends a stream, and destroys it when the remote has not ended its side within `ms`. */
export function endWithin(stream: NoiseStream, ms: number): void {
  const timer = setTimeout(() => stream.destroy(), ms)
  stream.once('close', () => clearTimeout(timer))
  stream.end()
}

/** Ends streams, and destroys those that the remote has not ended within `ms`. Resolves when all have closed. */
export async function endAllWithin(streams: Iterable<NoiseStream>, ms: number): Promise<void> {
  const closed = Array.from(
    streams,
    (stream) => new Promise<void>((resolve) => stream.once('close', resolve))
  )
  for (const stream of streams) stream.end()
  if (await settledWithin(Promise.all(closed), ms)) return
  for (const stream of streams) stream.destroy()
  await Promise.all(closed)
}
