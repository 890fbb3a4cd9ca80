import { randomBytes } from 'node:crypto'
import { checkOptions, NetworkerError, type OptionKinds } from '@basestore/extensions'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { KeyPair, Transport } from './contract.js'
import { isBytes } from './keys.js'
import type { Store } from './store.js'
import { type ConfigureOptions, checkTimeout, FLUSH_TIMEOUT, toMode } from './topics.js'

/** Facts about a connection, for a {@link Firewall}. */
export interface FirewallInfo {
  /** The name of the transport that handed the connection over. */
  readonly transport: string
  /** The carrier: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  /** `host:port`, or null where there is none. */
  readonly remoteAddress: string | null
}

/**
 * Runs once for each connection, before anything is attached to it. True, or a promise of true, refuses the
 * connection. A throw, or 10 s without an answer, refuses it too. A refused peer is not banned: the next connection
 * is asked about again.
 */
export type Firewall = (remotePublicKey: Uint8Array, info: FirewallInfo) => boolean | Promise<boolean>

export interface NetworkerOptions {
  /** How peers are found and reached. Where several transports reach a peer, the one listed first carries it. */
  readonly transports: readonly Transport[]
  /**
   * 32 bytes that name this run of the program. Others tell a restart by it, so never use one twice.
   * @default random
   */
  readonly id?: Uint8Array
  /**
   * The Noise key pair of every connection. For a lasting identity pass `await store.createKeyPair('networker')`.
   * @default random
   */
  readonly keyPair?: KeyPair
  /** Refuses connections. @default admits every peer */
  readonly firewall?: Firewall
  /**
   * The most peers at a time, dialled by us and dialling us together.
   * @default Infinity
   */
  readonly maxPeers?: number
  /**
   * Whether the first `fault` that no listener hears is written to stderr.
   * @default true
   */
  readonly warn?: boolean
}

export interface ConnectOptions {
  /** Dial the peer again whenever it is lost, until `disconnect`. @default false */
  readonly lasting?: boolean
  /** Ends the waiting, which then rejects with the signal's reason. With `lasting` the peer is still dialled. */
  readonly signal?: AbortSignal
}

export interface DisconnectOptions {
  /** Milliseconds for which the peer is refused, and not dialled. @default 0 */
  readonly ban?: number
}

/** The options, checked and with their defaults. */
interface Settings {
  readonly transports: readonly Transport[]
  readonly id: Uint8Array
  readonly keyPair: KeyPair
  readonly firewall: Firewall | null
  readonly maxPeers: number
  readonly warn: boolean
}

const NETWORKER: OptionKinds<NetworkerOptions> = {
  transports: 'any',
  id: 'any',
  keyPair: 'any',
  firewall: 'any',
  maxPeers: 'any',
  warn: 'boolean'
}

const OF_HYPERSWARM = 'it is an option of hyperswarm(): pass { transports: [hyperswarm(options)] }'

/** Options of 1.x and of Hyperswarm. */
const NETWORKER_HINTS = {
  bootstrap: OF_HYPERSWARM,
  dht: OF_HYPERSWARM,
  nodes: OF_HYPERSWARM,
  port: OF_HYPERSWARM,
  swarm: OF_HYPERSWARM,
  transport: "did you mean 'transports'? It is an array",
  seed: "pass a keyPair: await store.createKeyPair('networker') makes one that lasts",
  onauthenticate: 'it is firewall now, and true refuses'
}

const CONFIGURE: OptionKinds<ConfigureOptions> = {
  announce: 'boolean',
  lookup: 'boolean',
  flush: 'boolean',
  timeout: 'any',
  signal: 'signal'
}

/** Options of 1.x and of Hyperswarm. */
const CONFIGURE_HINTS = {
  server: "Hyperswarm's server is called announce here",
  client: "Hyperswarm's client is called lookup here",
  rejoin: 'leave it out: a topic whose mode stays the same is not joined again'
}

const METHODS = ['start', 'join', 'leave', 'flush', 'stop'] as const

/** Transports in use: an instance serves one networker. */
const serving = new WeakSet<Transport>()

/** @throws NetworkerError `INVALID_OPTION` */
export function readOptions(store: Store, options: NetworkerOptions = { transports: [] }): Settings {
  if (typeof store?.replicate !== 'function') {
    throw invalid('store must be a Corestore; call new Networker(new Corestore(directory), { transports })')
  }
  if (isOldCorestore(store))
    throw invalid('store is a Corestore older than 7; install corestore@7, and open it with that')
  const what = 'the options of a networker'
  checkOptions<NetworkerOptions>(options, NETWORKER, { what, hints: NETWORKER_HINTS })
  const { transports, id = randomBytes(32), keyPair = NoiseSecretStream.keyPair() } = options
  const { firewall = null, maxPeers = Number.POSITIVE_INFINITY, warn = true } = options

  checkTransports(transports)
  if (!isBytes(id, 32)) throw invalid('id must be 32 bytes; leave it out for a random one')
  if (!isBytes(keyPair?.publicKey, 32) || !isBytes(keyPair.secretKey, 64)) {
    throw invalid(
      "keyPair must have a publicKey of 32 and a secretKey of 64 bytes; pass await store.createKeyPair('networker')"
    )
  }
  if (firewall !== null && typeof firewall !== 'function') {
    throw invalid('firewall must be a function (remotePublicKey, info) that returns true to refuse')
  }
  if (typeof maxPeers !== 'number' || !(maxPeers >= 1)) {
    throw invalid(`maxPeers must be a number of at least 1, got ${String(maxPeers)}`)
  }
  for (const transport of transports) serving.add(transport)
  return { transports: [...transports], id, keyPair, firewall, maxPeers, warn }
}

/** The options of a `configure`, checked and with their defaults. @throws NetworkerError `INVALID_OPTION` */
export function readConfigureOptions(options: ConfigureOptions) {
  const what = 'the options of configure()'
  checkOptions<ConfigureOptions>(options, CONFIGURE, { what, hints: CONFIGURE_HINTS })
  const { announce = true, lookup = true, flush = true, timeout = FLUSH_TIMEOUT, signal } = options
  checkTimeout(timeout)
  return { mode: toMode(announce, lookup), flush, timeout, signal }
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkConnectOptions(options: ConnectOptions): void {
  const what = 'the options of connect()'
  checkOptions<ConnectOptions>(options, { lasting: 'boolean', signal: 'signal' }, { what })
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkDisconnectOptions(options: DisconnectOptions): void {
  checkOptions<DisconnectOptions>(options, { ban: 'number' }, { what: 'the options of disconnect()' })
  const { ban = 0 } = options
  if (!(ban >= 0)) throw invalid(`ban must be milliseconds from 0, got ${ban}`)
}

function checkTransports(transports: readonly Transport[] | undefined): asserts transports {
  if (!Array.isArray(transports) || transports.length === 0) {
    throw invalid('transports must be an array with at least one transport, such as [hyperswarm()]')
  }
  const names = new Set<string>()
  for (const [i, transport] of transports.entries()) {
    if (typeof transport?.name !== 'string' || METHODS.some((m) => typeof transport[m] !== 'function')) {
      throw invalid(
        `transports[${i}] is not a transport; pass hyperswarm(), or an object with name, ${METHODS.join(', ')}`
      )
    }
    if (names.has(transport.name)) {
      throw invalid(`two transports are named '${transport.name}'; give each a name of its own`)
    }
    if (serving.has(transport)) {
      throw invalid(`transport '${transport.name}' serves another networker; make a new one for each`)
    }
    names.add(transport.name)
  }
}

/** Corestore 5 and 6 replicate other versions of Hypercore, and cannot tell of the cores that they load. */
function isOldCorestore(store: Store & { readonly namespace?: unknown }): boolean {
  return typeof store.namespace === 'function' && typeof store.watch !== 'function'
}

function invalid(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}
