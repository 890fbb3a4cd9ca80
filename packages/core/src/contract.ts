import type { NoiseStream } from './noise-stream.js'

/** An Ed25519 key pair as the Noise handshake uses it: 32 bytes public, 64 bytes secret. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** What to do for a topic. At least one of the two is true. */
export interface TopicMode {
  /** Let others find us under this topic. */
  readonly announce: boolean
  /** Look for those who announce it, and dial them. */
  readonly lookup: boolean
}

/** What a transport knows of a stream it hands over. */
export interface StreamInfo {
  /** What carries the stream: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  /** The remote's address as `host:port`, where there is one. */
  readonly remoteAddress?: string
  /** The topics under which the remote was found, where known. */
  readonly topics?: readonly Uint8Array[]
}

/**
 * What the networker gives a transport.
 *
 * None of these methods throws into the transport, and none needs `this`: `promise.catch(host.fault)` will do.
 */
export interface TransportHost {
  /** The key pair of every handshake. */
  readonly keyPair: KeyPair
  /** Aborted when stopping begins. Nothing may be handed over afterwards. */
  readonly signal: AbortSignal
  /**
   * Whether a connection to this peer is of use. False for ourselves, for surplus peers, for peers that a transport
   * listed earlier carries, and for everybody while suspended and once stopping began. Ask before dialling and
   * before handing over; it costs little.
   *
   * @param remotePublicKey 32 bytes
   */
  wants(remotePublicKey: Uint8Array): boolean
  /**
   * Hands over a stream. It must be open, be ours (`publicKey` is the host's) and prove the remote's key;
   * {@link secure} returns such streams. From here on the networker ends it.
   */
  connected(stream: NoiseStream, info: StreamInfo): void
  /** Tells the user of trouble that the transport lives through, such as an address that cannot be bound. */
  fault(error: unknown): void
}

/**
 * A way to find peers and to connect to them.
 *
 * **The core promises the transport**: `start` is called once and first; topics are private copies of exactly
 * 32 bytes; `join` is never called with both modes false and never repeated for an equal mode; `leave` is called
 * only after `join`, and the two are serialised per topic; nothing but `stop` is called once stopping began, nor
 * from `suspend` on until `resume` has settled; `stop` exactly once, also when `start` rejected; an instance serves
 * one networker.
 *
 * **The transport promises the core**: it hands over only opened streams whose `publicKey` is the host's and
 * whose `remotePublicKey` was proven by the handshake; never after the signal aborts; never one stream twice;
 * `join` does not throw on network trouble (`host.fault` tells); `flush` rejects with the signal's reason; `stop`
 * leaves no handle behind, and does not wait for streams that it handed over, unless it destroys them.
 */
export interface Transport {
  /** Short, and unique within one networker. */
  readonly name: string
  start(host: TransportHost): void | Promise<void>
  /**
   * Announces and looks up a topic until {@link leave}. Replaces the topic's previous mode.
   *
   * @param topic 32 bytes, which stay as they are
   */
  join(topic: Uint8Array, mode: TopicMode): void
  /** Stops announcing and looking up. Open streams stay open. */
  leave(topic: Uint8Array): void | Promise<void>
  /**
   * Resolves when a lookup that others begin from now on finds us, and when each peer that a lookup of ours
   * begun at or after this call found was handed over, refused, or has failed once. A peer that there is no room
   * to dial counts as refused. Does not wait for other topics. Rejects with the signal's reason.
   */
  flush(topic: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>
  /**
   * Dials one peer by its key. Resolves when its stream was handed over or is open already, rejects when it
   * cannot be reached, and with the signal's reason.
   *
   * @param remotePublicKey 32 bytes
   */
  connect?(remotePublicKey: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>
  /** Ends all traffic, keeps all topics. */
  suspend?(): Promise<void>
  /** Takes up again what {@link suspend} ended. What users join and leave meanwhile follows once it has settled. */
  resume?(): Promise<void>
  /** Leaves all topics and frees every handle. */
  stop(): void | Promise<void>
}
