import { NetworkerError } from '@basestore/networker'
import { shortKey, toHex } from '../networks/keys.js'
import { type PeerNames, toNames } from '../networks/names.js'
import { drawMap } from '../networks/peer-map.js'
import type { SimulatedPeer } from './peer.js'

/** The peers of a run, by their names and keys. */
export class Roster {
  readonly all = new Map<string, SimulatedPeer>()
  /** Names by public key, in hex. */
  readonly #names = new Map<string, string>()

  /** The peers that have neither crashed nor left. */
  get up(): SimulatedPeer[] {
    return [...this.all.values()].filter(({ isUp }) => isUp)
  }

  /**
   * Adds all of the named peers, or none.
   *
   * @throws NetworkerError `INVALID_OPTION` when a name is taken
   */
  add(names: PeerNames, make: (name: string, index: number) => SimulatedPeer): SimulatedPeer[] {
    const wanted = toNames(names)
    const taken = wanted.find((name) => this.all.has(name))
    if (taken !== undefined) {
      throw new NetworkerError(
        'INVALID_OPTION',
        `there is a peer called '${taken}' already; give this one another name`
      )
    }
    const made = wanted.map(make)
    for (const peer of made) this.all.set(peer.name, peer)
    return made
  }

  addKey(publicKey: Uint8Array, name: string): void {
    this.#names.set(toHex(publicKey), name)
  }

  /**
   * Draws who is connected to whom, a line for each peer that is up.
   *
   * @param first peers whose lines come first; a map of many peers shows only the first lines
   */
  map(first: readonly SimulatedPeer[] = []): string {
    const networkers = first.filter(({ isUp }) => isUp).map(({ networker }) => networker)
    let map = drawMap(this.up, { first: networkers })
    for (const [key, name] of this.#names) {
      // Others may still have a peer that is down. The map knows only its key.
      if (!this.all.get(name)!.isUp) map = map.replaceAll(shortKey(Buffer.from(key, 'hex')), name)
    }
    return map
  }

  /** A peer's name, or the beginning of a stranger's key. */
  nameOf(publicKey: Uint8Array): string {
    return this.#names.get(toHex(publicKey)) ?? shortKey(publicKey)
  }
}
