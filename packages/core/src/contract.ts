import type { NoiseStream } from './noise-stream.js'

/** An Ed25519 key pair as the Noise handshake uses it: 32 bytes public, 64 bytes secret. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** Whether a topic is announced, looked up, or both. At least one of the two is true. */
export interface TopicMode {
  /** Let others find us under this topic. */
  readonly announce: boolean
  /** Look for peers that announce it, and dial them. */
  readonly lookup: boolean
}

/** Facts about a stream that a transport hands over. */
export interface StreamInfo {
  /** The carrier of the stream: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  /** The remote's address as `host:port`, where there is one. */
  readonly remoteAddress?: string
  /** The topics under which the remote was found, where known. */
  readonly topics?: readonly Uint8Array[]
  /** Whether a third computer passes the bytes on, where known. */
  readonly relayed?: boolean
}

/**
 * Whether others can reach us through a transport.
 *
 * - `'online'`: a peer that looks up a topic that we announce can find us, and connect.
 * - `'connecting'`: the network answers, and we are not announced yet; or nothing is known yet.
 * - `'offline'`: nothing answers.
 */
export type OnlineState = 'offline' | 'connecting' | 'online'

/**
 * Why a dial brought no connection.
 *
 * - `'timeout'`: nothing came back.
 * - `'silent'`: the carrier opened, and the remote did not finish the handshake in time.
 * - `'reset'`: the carrier broke, or was closed, before the handshake was done.
 * - `'garbled'`: what came was no handshake.
 * - `'unreachable'`: the remote's computer, or one on the way, answered that it takes no connection.
 * - `'gone'`: no node and no computer knows where this key is now.
 * - `'nat'`: the routers of both sides let no connection through.
 * - `'other-key'`: another key answered.
 * - `'aborted'`: the transport gave it up, as when the topic is left.
 * - `'failed'`: anything else; `cause` tells.
 */
export type DialFailure =
  | 'timeout'
  | 'silent'
  | 'reset'
  | 'garbled'
  | 'unreachable'
  | 'gone'
  | 'nat'
  | 'other-key'
  | 'aborted'
  | 'failed'

/** The classes of the routers at both ends of a dial, by the transport's own names. */
export interface NatPair {
  readonly ours: string
  readonly theirs: string
}

/**
 * A note of a transport on its work. Topics and keys have 32 bytes.
 *
 * - `announced`: others find us under a topic. `nodes` is how many nodes hold the announcement, where known.
 * - `lookup`: a lookup was answered, with so many peers.
 * - `found`: a lookup found this peer. The same one may be told again.
 * - `dial`: a dial begins.
 * - `failed`: a dial has ended, and no stream of it was handed over or refused. It may come without a `dial`.
 */
export type TransportNote =
  | { readonly type: 'announced'; readonly topic: Uint8Array; readonly nodes?: number }
  | { readonly type: 'lookup'; readonly topic: Uint8Array; readonly found: number }
  | { readonly type: 'found'; readonly topic: Uint8Array; readonly remotePublicKey: Uint8Array }
  | { readonly type: 'dial'; readonly remotePublicKey: Uint8Array }
  | {
      readonly type: 'failed'
      readonly remotePublicKey: Uint8Array
      readonly outcome: DialFailure
      readonly nat?: NatPair
      readonly cause?: unknown
    }

/**
 * The networker as a transport sees it.
 *
 * None of these methods throws into the transport, and none needs `this`: `promise.catch(host.fault)` works.
 */
export interface TransportHost {
  /** The key pair of every handshake. */
  readonly keyPair: KeyPair
  /** Aborted when stopping begins. The transport hands over nothing after that. */
  readonly signal: AbortSignal
  /**
   * Whether the networker can use a connection to this peer. False for our own key, for a new peer when `maxPeers` is
   * reached, for a peer that a transport listed earlier carries, for one that refused us a short time ago, and for
   * every peer while suspended and once stopping began. Ask before dialling and before handing over; it costs little.
   *
   * @param remotePublicKey 32 bytes
   * @param options `inbound`: whether the remote dialled; one that refused us may come by itself. @default false
   */
  wants(remotePublicKey: Uint8Array, options?: { readonly inbound?: boolean }): boolean
  /**
   * Hands over a stream. It must be open, its `publicKey` must be the host's, and its handshake must have proven the
   * remote's key. `secure()` returns such streams. From here on the networker ends the stream.
   */
  connected(stream: NoiseStream, info: StreamInfo): void
  /**
   * Takes an inbound stream that `wants` denies: tells the remote why, and ends the stream. To destroy the stream
   * instead leaves the remote without a reason.
   */
  refuse(stream: NoiseStream): void
  /**
   * Reports trouble that the transport survives, such as an address that cannot be bound: the event `fault`. What
   * lasts is reported once, and not again at each retry.
   */
  fault(error: unknown): void
  /**
   * Tells whether others can reach us through this transport, at each change. Calling it is optional: a transport that
   * never does counts as `'online'` from its start on. One that does tells its first state in `start`, and `'online'`
   * again once it has resumed. The networker keeps the best state of its transports in `networker.online`.
   */
  online(state: OnlineState): void
  /**
   * Tells what the transport does, for `networker.explain()`, `networker.stats` and traces. Calling it is optional. The
   * networker remembers a bounded part of it.
   */
  note(note: TransportNote): void
}

/**
 * A way to find peers and to connect to them.
 *
 * **The core promises the transport:**
 * - `start` is called once, before everything else. `stop` is called once, also when `start` rejected.
 * - Topics are private copies of exactly 32 bytes.
 * - `join` is never called with both modes false, nor again with the mode that the topic has.
 * - `leave` is called only after `join`. The calls for one topic are serialised.
 * - Nothing but `stop` is called once stopping began, nor between `suspend` and the end of `resume`.
 * - An instance serves one networker.
 *
 * **The transport promises the core:**
 * - A stream that it hands over is open, has the host's `publicKey`, and proved its `remotePublicKey` in the handshake.
 * - It hands over no stream twice, and none after the signal aborts.
 * - `join` does not throw on network trouble; `host.fault` reports it.
 * - `flush` rejects with the signal's reason, and does not resolve while offline.
 * - `stop` leaves no handle behind. It does not wait for streams that it handed over, unless it destroys them.
 */
export interface Transport {
  /** Short, and unique within one networker. */
  readonly name: string
  start(host: TransportHost): void | Promise<void>
  /**
   * Announces and looks up a topic until {@link leave}. Replaces the topic's previous mode.
   *
   * @param topic 32 bytes. The core never changes them later.
   */
  join(topic: Uint8Array, mode: TopicMode): void
  /** Stops announcing and looking up. Open streams stay open. */
  leave(topic: Uint8Array): void | Promise<void>
  /**
   * Resolves when two things are true. A lookup that another peer begins from now on finds us, and can reach us. And
   * each peer found by a lookup of ours, begun at or after this call, was handed over, refused, or has failed once. A
   * peer that is not dialled for lack of room counts as refused. It does not wait for other topics.
   *
   * Offline is not flushed. While nothing answers, the transport goes on trying until something does or the signal
   * aborts, and tells its trouble by `host.fault` once. The networker bounds the waiting of its users itself. Rejects
   * with the signal's reason, and with nothing else.
   */
  flush(topic: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>
  /**
   * Dials one peer by its key. Resolves when its stream was handed over or is open already. Rejects when the peer
   * cannot be reached, and with the signal's reason.
   *
   * @param remotePublicKey 32 bytes
   */
  connect?(remotePublicKey: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>
  /** Ends all traffic, and keeps all topics. */
  suspend?(): Promise<void>
  /** Takes all topics up again. Topics joined and left while suspended follow once the promise has settled. */
  resume?(): Promise<void>
  /** Leaves all topics and frees every handle. */
  stop(): void | Promise<void>
}
