import { NetworkerError } from '@basestore/extensions'
import type { LinkedPeer } from './linked-peer.js'

/** Tells of two programs that run with one key pair, such as a store that was copied with its key. */
export class Duplicates {
  readonly #onfault: (error: unknown) => void
  #toldOfOurs = false

  constructor(onfault: (error: unknown) => void) {
    this.#onfault = onfault
  }

  /** Two programs use the key of a peer. */
  ofPeer(peer: LinkedPeer): void {
    if (!peer.isDuplicated) this.#tell(`peer ${peer} is two programs with one key`)
    peer.isDuplicated = true
  }

  /** Another program uses our own key, as a peer says. It is told once, not for each peer. */
  ofOurs(peer: LinkedPeer): void {
    if (!this.#toldOfOurs) this.#tell(`peer ${peer} knows another program with our key`)
    this.#toldOfOurs = true
  }

  #tell(what: string): void {
    this.#onfault(new NetworkerError('DUPLICATE_KEY', `${what}; give each program a key pair of its own`))
  }
}
