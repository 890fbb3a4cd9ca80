import type { NoiseStream } from './noise-stream.js'

/**
 * One run of a remote networker that we are connected to. The object stays the same while any connection to that run
 * lasts. A remote that starts again is another peer with the same `remotePublicKey`.
 */
export interface Peer {
  /** 32 bytes, proven by the Noise handshake. */
  readonly remotePublicKey: Buffer
  /** The `id` of the remote's networker, 32 bytes; null for a remote that is no networker. */
  readonly remoteId: Buffer | null
  /** The remote's `host:port`, or null where there is none. */
  readonly remoteAddress: string | null
  /** The name of the transport that carries it. */
  readonly transport: string
  /** The carrier of the stream: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  /** `'out'` when we dialled its stream, `'in'` when the remote did. */
  readonly direction: 'in' | 'out'
  /** The topics under which we found it, 32 bytes each, as far as the transports know. */
  readonly topics: readonly Buffer[]
  /** When it was added, in milliseconds since 1970. */
  readonly since: number
  /** The connection. `networker.protocol()` opens channels of your own on it. */
  readonly stream: NoiseStream
  /** Encrypted bytes received, over all streams that this peer ever had. */
  readonly bytesRead: number
  /** Encrypted bytes sent, over all streams that this peer ever had. */
  readonly bytesWritten: number
}
