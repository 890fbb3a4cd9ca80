import {
  checkOptions,
  type KeyPair,
  NetworkerError,
  type NetworkerErrorCode,
  type OptionKinds
} from '@basestore/networker/transport'
import type { Dht, Swarm } from './swarm.js'

/** The transport's name, in errors and in the networker's `firewall`. */
export const NAME = 'hyperswarm'
/** A dead peer costs 8 s. Nine dead ones of ten take 40 s with Hyperswarm's own default of 3, 8 s with 10 or more. */
export const MAX_PARALLEL = 32

/** The part of a Hyperswarm 4 that this package has types for. It is a real one: its README tells the rest. */
export interface SwarmLike {
  readonly keyPair: KeyPair
  readonly dht: DhtLike
  readonly connections: ReadonlySet<object>
  readonly destroyed: boolean
  readonly suspended: boolean
}

/** An instance of `hyperdht` 6, or of `@hyperswarm/dht` 6.5, its predecessor, which can neither suspend nor relay. */
export interface DhtLike {
  readonly destroyed: boolean
  destroy(options?: { force?: boolean }): Promise<void>
}

/** The public key of a relay (32 bytes), or several, of which Hyperswarm picks one; null for none. */
export type RelayThrough = Uint8Array | readonly Uint8Array[] | null

/** All of Hyperswarm's options except `keyPair` and `seed`: the key pair is the networker's. */
export interface HyperswarmOptions {
  /** A Hyperswarm that the app has already. It is left running. No other option goes with it. */
  readonly swarm?: SwarmLike
  /** A DHT that the app has already. It is left running. @default a new HyperDHT */
  readonly dht?: DhtLike
  /** Nodes to enter the DHT by, `'host:port'`. @default the public network */
  readonly bootstrap?: readonly (string | { readonly host: string; readonly port: number })[]
  /** Nodes known from earlier, as `dht.toArray()` gave them. @default none */
  readonly nodes?: readonly { readonly host: string; readonly port: number }[]
  /** UDP port. When it is taken, another one is used. @default 49737 */
  readonly port?: number
  /** The most peers to dial. It does not bound inbound peers: the networker's `maxPeers` bounds both. @default 64 */
  readonly maxPeers?: number
  /** The most connections that we dialled. @default Infinity */
  readonly maxClientConnections?: number
  /** Hyperswarm 4 ignores it. @default Infinity */
  readonly maxServerConnections?: number
  /** Dials at the same time. @default 32 */
  readonly maxParallel?: number
  /** The relay for peers that hole punching does not reach. @default none */
  readonly relayThrough?: RelayThrough | ((force: boolean, swarm: SwarmLike) => RelayThrough)
  /**
   * True refuses a key before its connection opens, and bans it for the life of the swarm. It has to answer at once:
   * a promise counts as true. Prefer the networker's `firewall`.
   * @default refuses nobody
   */
  readonly firewall?: (remotePublicKey: Uint8Array, payload: unknown) => boolean
  /**
   * Delays before a peer is dialled again that was lost or not reached (ms): after the first, second and third failure
   * in a row, and for peers of `joinPeer` after that. A peer that was never reached begins with the second.
   * @default [1_000, 5_000, 15_000, 600_000]
   */
  readonly backoffs?: readonly [number, number, number, number]
  /** The most that chance adds to each of `backoffs` (ms). @default 500 */
  readonly jitter?: number
  /** Time for which the server remembers a handshake (ms). @default 10_000 */
  readonly handshakeClearWait?: number
  /** Whether to wait an interval before the first random punch. @default false */
  readonly deferRandomPunch?: boolean
  /** Time between two random punches (ms). @default 20_000 */
  readonly randomPunchInterval?: number
}

/** All options of Hyperswarm 4.17 but for `keyPair` and `seed`, and `swarm`. A test compares them with Hyperswarm's own. */
export const OPTIONS: OptionKinds<HyperswarmOptions> = {
  swarm: 'any',
  dht: 'any',
  bootstrap: 'any',
  nodes: 'any',
  port: 'number',
  maxPeers: 'any',
  maxClientConnections: 'any',
  maxServerConnections: 'number',
  maxParallel: 'any',
  relayThrough: 'any',
  firewall: 'function',
  backoffs: 'any',
  jitter: 'number',
  handshakeClearWait: 'number',
  deferRandomPunch: 'boolean',
  randomPunchInterval: 'number'
}

const KEY_PAIR = "is the networker's; pass new Networker(store, { keyPair })"
const HINTS = {
  keyPair: `keyPair ${KEY_PAIR}`,
  keypair: `keyPair ${KEY_PAIR}`,
  seed: `seed ${KEY_PAIR}`,
  server: 'pass { announce } to networker.configure()',
  client: 'pass { lookup } to networker.configure()'
}

/** @throws NetworkerError `INVALID_OPTION` */
export function validate(options: HyperswarmOptions): void {
  const what = 'the options of hyperswarm()'
  checkOptions<HyperswarmOptions>(options, OPTIONS, { what, hints: HINTS, transport: NAME })
  const { swarm, dht } = options
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
  for (const name of ['bootstrap', 'nodes', 'backoffs'] as const) {
    const { [name]: list = [] } = options
    check(Array.isArray(list), `${name} must be an array`)
  }
  for (const name of ['maxPeers', 'maxClientConnections', 'maxParallel'] as const) {
    const { [name]: count = 1 } = options
    check(count > 0, `${name} must be a positive number, got ${count}`)
  }
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
