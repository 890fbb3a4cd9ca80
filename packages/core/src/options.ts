import { randomBytes } from 'node:crypto'
import { NetworkerError } from '@basestore/extensions'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { KeyPair, Transport } from './contract.js'
import { isBytes } from './keys.js'
import type { Store } from './store.js'

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
   * 32 bytes that name this networker.
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

/** The options, checked and with their defaults. */
interface Settings {
  readonly transports: readonly Transport[]
  readonly id: Uint8Array
  readonly keyPair: KeyPair
  readonly firewall: Firewall | null
  readonly maxPeers: number
  readonly warn: boolean
}

const METHODS = ['start', 'join', 'leave', 'flush', 'stop'] as const

/** Transports in use: an instance serves one networker. */
const serving = new WeakSet<Transport>()

/** @throws NetworkerError `INVALID_OPTION` */
export function readOptions(store: Store, options: NetworkerOptions): Settings {
  if (typeof store?.replicate !== 'function') {
    throw invalid('store must be a Corestore; call new Networker(new Corestore(directory), { transports })')
  }
  const { transports, id = randomBytes(32), keyPair = NoiseSecretStream.keyPair() } = options ?? {}
  const { firewall = null, maxPeers = Number.POSITIVE_INFINITY, warn = true } = options ?? {}

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

function invalid(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}
