import { type KeyPair, NetworkerError, type NetworkerErrorCode } from '@basestore/networker/transport'
import { type Dht, noop, type Swarm } from './swarm.js'

/** Name of the transport, in errors and in `firewall`. */
export const NAME = 'hyperswarm'
/** Dead peers cost 8 s a batch: nine of ten dead take 40 s with Hyperswarm's own default of 3, 8 s with 10 or more. */
export const MAX_PARALLEL = 32

/** What this transport shows of a Hyperswarm 4. It is the real one; see Hyperswarm's README for the rest. */
export interface SwarmLike {
  readonly keyPair: KeyPair
  readonly dht: DhtLike
  readonly connections: ReadonlySet<object>
  readonly destroyed: boolean
  readonly suspended: boolean
}

/** An instance of `hyperdht` 6, or of its predecessor `@hyperswarm/dht` 6.5, which can neither suspend nor relay. */
export interface DhtLike {
  readonly destroyed: boolean
  destroy(options?: { force?: boolean }): Promise<void>
}

/** 32 bytes, the public key of a relay, or one of several; null for none. */
export type RelayThrough = Uint8Array | readonly Uint8Array[] | null

/** All of Hyperswarm's options except `keyPair` and `seed`: the key pair is the networker's. */
export interface HyperswarmOptions {
  /** A Hyperswarm that the app has already. It is left running, and takes no other option. */
  readonly swarm?: SwarmLike
  /** A DHT that the app has already. It is left running. @default a new HyperDHT */
  readonly dht?: DhtLike
  /** Nodes to enter the DHT by, `'host:port'`. @default the public network */
  readonly bootstrap?: readonly (string | { readonly host: string; readonly port: number })[]
  /** Nodes known from earlier, as `dht.toArray()` gave them. @default none */
  readonly nodes?: readonly { readonly host: string; readonly port: number }[]
  /** UDP port to bind; another one when it is taken. @default 49737 */
  readonly port?: number
  /** Peers that Hyperswarm dials at most. It does not bound inbound ones; the networker's `maxPeers` does. @default 64 */
  readonly maxPeers?: number
  /** @default Infinity */
  readonly maxClientConnections?: number
  /** Hyperswarm never looks at it. @default Infinity */
  readonly maxServerConnections?: number
  /** Dials at the same time. @default 32 */
  readonly maxParallel?: number
  /** The relay for peers that no hole can be punched to. @default none */
  readonly relayThrough?: RelayThrough | ((force: boolean, swarm: SwarmLike) => RelayThrough)
  /**
   * True refuses a key before its connection opens, and bans it for the life of the swarm. It has to answer at
   * once: a promise counts as true. Prefer the networker's `firewall`. @default refuses nobody
   */
  readonly firewall?: (remotePublicKey: Uint8Array, payload: unknown) => boolean
  /** Milliseconds until a lost peer is dialled again, by what became of it. @default [1_000, 5_000, 15_000, 600_000] */
  readonly backoffs?: readonly [number, number, number, number]
  /** Milliseconds, at most, added to each of `backoffs`. @default 500 */
  readonly jitter?: number
  /** Milliseconds for which the server remembers a handshake. @default 10_000 */
  readonly handshakeClearWait?: number
  /** Whether to wait an interval before the first random punch. @default false */
  readonly deferRandomPunch?: boolean
  /** Milliseconds between two random punches. @default 20_000 */
  readonly randomPunchInterval?: number
}

/** @throws NetworkerError `INVALID_OPTION` */
export function validate(options: HyperswarmOptions): void {
  check(typeof options === 'object' && options, 'options must be an object')
  const { swarm, dht, firewall = noop } = options
  if (swarm !== undefined) {
    check((swarm as Partial<Swarm> | null)?.joinPeer, 'swarm must be an instance of hyperswarm 4')
    check(!swarm.destroyed, 'swarm is destroyed; pass a new one')
    const other = Object.keys(options).find((name) => name !== 'swarm')
    check(!other, `${other} cannot be set beside swarm; pass it to new Hyperswarm()`)
  }
  if (dht !== undefined) {
    check(
      (dht as Partial<Dht> | null)?.announce,
      'dht must be an instance of hyperdht or @hyperswarm/dht 6.5'
    )
  }
  for (const name of ['keyPair', 'seed']) {
    check(!(name in options), `${name} is the networker's; pass new Networker(store, { keyPair })`)
  }
  for (const name of ['bootstrap', 'nodes', 'backoffs'] as const) {
    const { [name]: list = [] } = options
    check(Array.isArray(list), `${name} must be an array`)
  }
  for (const name of ['maxPeers', 'maxClientConnections', 'maxParallel'] as const) {
    const { [name]: count = 1 } = options
    check(count > 0, `${name} must be a positive number, got ${count}`)
  }
  check(typeof firewall === 'function', 'firewall must be a function')
}

/** @throws NetworkerError `INVALID_OPTION` */
export function check(holds: unknown, detail: string): asserts holds {
  if (!holds) throw failure('INVALID_OPTION', detail)
}

export function connectFailed(detail: string, cause?: unknown): NetworkerError {
  return failure('CONNECT_FAILED', detail, cause)
}

export function failure(code: NetworkerErrorCode, detail: string, cause?: unknown): NetworkerError {
  return new NetworkerError(code, detail, { transport: NAME, cause })
}
