import { NetworkerError, type Transport } from '@basestore/networker/transport'
import { realClock } from './clock.js'
import { Directory } from './directory.js'
import { Links } from './links.js'
import { MemoryTransport } from './memory-transport.js'
import { Random } from './random.js'

/** The same on every run, so that a run repeats unless asked otherwise. */
const DEFAULT_SEED = 0
const DEFAULT_NAME = 'memory'

export interface MemoryNetworkOptions {
  /**
   * Decides whatever order is arbitrary: that in which a peer dials those it found. The same seed and the same
   * calls give the same order; 1 and '1' are one seed.
   * @default 0
   */
  readonly seed?: number | string
  /**
   * The name of its transports, and the host of its addresses. The transports of one networker need different
   * names: give one when a networker is on two networks.
   * @default 'memory'
   */
  readonly name?: string
}

/** The links of a network, for our own tests: it is not exported to users. */
export let linksOf: (network: MemoryNetwork) => Links

/**
 * A network in one process. Its peers find and reach each other over real Noise streams; two networks never see
 * each other, since all that a network knows is in this object.
 *
 * ```ts
 * const network = new MemoryNetwork()
 * const a = new Networker(storeA, { transports: [network.transport()] })
 * const b = new Networker(storeB, { transports: [network.transport()] })
 * ```
 */
export class MemoryNetwork {
  static {
    linksOf = (network) => network.#links
  }
  readonly name: string
  readonly seed: number | string
  readonly #directory = new Directory()
  readonly #links = new Links(realClock)
  #transports = 0

  /** @throws NetworkerError `INVALID_OPTION` when the seed is neither a string nor a finite number */
  constructor({ seed = DEFAULT_SEED, name = DEFAULT_NAME }: MemoryNetworkOptions = {}) {
    if (typeof seed !== 'string' && !Number.isFinite(seed)) {
      throw new NetworkerError('INVALID_OPTION', `seed must be a string or a finite number, got ${seed}`)
    }
    this.name = name
    this.seed = seed
  }

  /**
   * The transport of one more peer, for one networker. Its streams have the type `'memory'`, and the peer's
   * address is `name:n`, with n counting the transports of this network from 1.
   */
  transport(): Transport {
    const address = `${this.name}:${++this.#transports}`
    return new MemoryTransport({
      name: this.name,
      address,
      clock: realClock,
      directory: this.#directory,
      links: this.#links,
      // One generator for each peer, so that a new peer does not shift the others' numbers.
      random: new Random(`${this.seed}/${address}`)
    })
  }
}
