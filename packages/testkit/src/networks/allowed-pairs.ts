import type { Transport } from '@basestore/networker'

/**
 * Which peers of a group may be connected. Where a pair may not, neither of the two dials the other, whatever
 * topics they share, and a connection between them is destroyed before anything is attached to it. Peers from
 * outside the group are left to the networkers' own options.
 */
export class Links {
  readonly #members = new Set<string>()
  readonly #allowed = new Map<string, boolean>()
  readonly #otherwise: boolean

  /** @param otherwise whether a pair of which nothing was said may be connected */
  constructor(otherwise: boolean) {
    this.#otherwise = otherwise
  }

  add(publicKey: Uint8Array): void {
    this.#members.add(hex(publicKey))
  }

  allow(a: Uint8Array, b: Uint8Array, allowed: boolean): void {
    this.#allowed.set(pairOf(a, b), allowed)
  }

  /** Puts what may be between a transport that has not started and its networker. */
  restrict(transport: Transport): void {
    const start = transport.start.bind(transport)
    transport.start = (host) => {
      const may = (remote: Uint8Array) => this.#may(host.keyPair.publicKey, remote)
      return start({
        ...host,
        wants: (remotePublicKey) => may(remotePublicKey) && host.wants(remotePublicKey),
        connected: (stream, info) => {
          if (may(stream.remotePublicKey)) return host.connected(stream, info)
          stream.on('error', noop) // an error that nobody listens to ends the process
          stream.destroy()
        }
      })
    }
  }

  #may(own: Uint8Array, remote: Uint8Array): boolean {
    if (!this.#members.has(hex(remote))) return true
    return this.#allowed.get(pairOf(own, remote)) ?? this.#otherwise
  }
}

function pairOf(a: Uint8Array, b: Uint8Array): string {
  return [hex(a), hex(b)].sort().join()
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

function noop(): void {}
