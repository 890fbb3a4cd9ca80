import type { Transport } from '@basestore/networker'
import { toHex } from './keys.js'
import { pairId } from './pair.js'

/**
 * Which peers of a group may be connected. A pair that may not is kept apart whatever topics the two share: neither
 * dials the other, and a connection between them is destroyed before anything is attached to it. For peers from
 * outside the group, the networkers' own options decide.
 */
export class AllowedPairs {
  readonly #members = new Set<string>()
  readonly #allowed = new Map<string, boolean>()
  readonly #otherwise: boolean

  /** @param otherwise whether a pair may be connected when `allow` was not called for it */
  constructor(otherwise: boolean) {
    this.#otherwise = otherwise
  }

  add(publicKey: Uint8Array): void {
    this.#members.add(toHex(publicKey))
  }

  allow(a: Uint8Array, b: Uint8Array, allowed: boolean): void {
    this.#allowed.set(pairId(toHex(a), toHex(b)), allowed)
  }

  /** Makes a transport obey. Call it before the transport starts. */
  restrict(transport: Transport): void {
    const start = transport.start.bind(transport)
    transport.start = (host) => {
      const isAllowed = (remote: Uint8Array) => this.#isAllowed(host.keyPair.publicKey, remote)
      return start({
        ...host,
        wants: (remotePublicKey, options) =>
          isAllowed(remotePublicKey) && host.wants(remotePublicKey, options),
        connected: (stream, info) => {
          if (isAllowed(stream.remotePublicKey)) return host.connected(stream, info)
          stream.on('error', () => {}) // without a listener, an error would end the process
          stream.destroy()
        }
      })
    }
  }

  #isAllowed(own: Uint8Array, remote: Uint8Array): boolean {
    if (!this.#members.has(toHex(remote))) return true
    return this.#allowed.get(pairId(toHex(own), toHex(remote))) ?? this.#otherwise
  }
}
