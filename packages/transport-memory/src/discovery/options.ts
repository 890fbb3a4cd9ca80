import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { checkNumber } from '../check.js'
import { checkDistribution, type Distribution } from '../distribution.js'

/**
 * How peers find each other, and how they fail to. The defaults are better than any DHT: an announcement is found
 * from the join on until the leave, each lookup finds all, and a standing lookup hears of later peers at once.
 */
export interface DiscoveryOptions {
  /** Time until an announcement is stored and can be found (ms). @default 0 */
  readonly announceDelay?: Distribution
  /** Time until a lookup has its answer (ms). @default 0 */
  readonly lookupDelay?: Distribution
  /**
   * Time for which a record is found since it was stored last (ms). Without `refresh` only the records of dead peers
   * expire, so long after their death. hyperdht's is 20 minutes.
   * @default Infinity
   */
  readonly ttl?: number
  /**
   * Time after which a peer announces and looks up again while it has a topic joined (ms). Chance adds up to a fifth
   * of it. With `refresh` a lookup does not stand: peers hear of later ones only by looking up again. Hyperswarm's is
   * 10 minutes.
   * @default Infinity
   */
  readonly refresh?: number
  /** The share of the records that a lookup misses, from 0 to 1. @default 0 */
  readonly missed?: number
  /** Records under each topic whose keys belong to no peer. A dial to one times out. @default 0 */
  readonly fakes?: number
  /** The most records that a lookup returns, picked by chance. hyperdht's nodes return 20 each. @default Infinity */
  readonly limit?: number
}

export type FullDiscovery = Required<DiscoveryOptions>

const OPTIONS: OptionKinds<DiscoveryOptions> = {
  announceDelay: 'any',
  lookupDelay: 'any',
  ttl: 'number',
  refresh: 'number',
  missed: 'number',
  fakes: 'number',
  limit: 'number'
}

/** @throws NetworkerError `INVALID_OPTION` */
export function toFullDiscovery(options: DiscoveryOptions): FullDiscovery {
  checkOptions<DiscoveryOptions>(options, OPTIONS, { what: 'the options of discovery' })
  const { announceDelay = 0, lookupDelay = 0, ttl = Number.POSITIVE_INFINITY } = options
  const {
    refresh = Number.POSITIVE_INFINITY,
    missed = 0,
    fakes = 0,
    limit = Number.POSITIVE_INFINITY
  } = options
  checkDistribution('announceDelay', announceDelay)
  checkDistribution('lookupDelay', lookupDelay)
  checkNumber('ttl', 'milliseconds above 0', ttl, ttl > 0)
  checkNumber('refresh', 'milliseconds above 0', refresh, refresh > 0)
  checkNumber('missed', 'a share from 0 to 1', missed, missed >= 0 && missed <= 1)
  checkNumber('fakes', 'a whole number of at least 0', fakes, Number.isInteger(fakes) && fakes >= 0)
  checkNumber('limit', 'a number of at least 0', limit, limit >= 0)
  return { announceDelay, lookupDelay, ttl, refresh, missed, fakes, limit }
}
