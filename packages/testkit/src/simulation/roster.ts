import { NetworkerError } from '@basestore/networker'
import { toNames } from '../networks/names.js'
import { drawMap, short } from '../networks/peer-map.js'
import type { SimulatedPeer } from './peer.js'

/** What a map shows of a key that it has no name for, in characters of hex. */
const SHORT = short(Buffer.alloc(32)).length

/** The peers of a run. */
export class Roster {
  readonly all = new Map<string, SimulatedPeer>()
  readonly #byKey = new Map<string, SimulatedPeer>()

  /** Neither crashed nor left. */
  get up(): SimulatedPeer[] {
    return [...this.all.values()].filter(({ isUp }) => isUp)
  }

  /**
   * Adds peers, all or none.
   *
   * @throws NetworkerError `INVALID_OPTION` when there is one of such a name
   */
  add(
    names: number | readonly string[],
    make: (name: string, index: number) => SimulatedPeer
  ): SimulatedPeer[] {
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

  addKey(publicKey: Uint8Array, peer: SimulatedPeer): void {
    this.#byKey.set(hex(publicKey), peer)
  }

  /**
   * Who is connected to whom, a line for each that is up.
   *
   * @param first of a large group those who are shown first
   */
  map(first: readonly SimulatedPeer[] = []): string {
    const networkers = first.filter(({ isUp }) => isUp).map(({ networker }) => networker)
    let map = drawMap(this.up, { first: networkers })
    for (const [key, { name, isUp }] of this.#byKey) {
      if (!isUp) map = map.replaceAll(key.slice(0, SHORT), name) // who is missed later is still somebody
    }
    return map
  }

  /** A peer's name, or the beginning of a stranger's key. */
  nameOf(publicKey: Uint8Array): string {
    return this.#byKey.get(hex(publicKey))?.name ?? short(publicKey)
  }
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
