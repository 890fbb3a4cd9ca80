import { NetworkerError } from '@basestore/networker/transport'
import { checkDistribution, type Distribution } from '../distribution.js'

/**
 * How peers find each other, and how they fail to. Nothing given is what no DHT is: an announcement is found from
 * the join on until the leave, each lookup finds all, and a standing lookup hears at once of who comes later.
 */
export interface DiscoveryOptions {
  /** Until an announcement is stored and can be found, in milliseconds. @default 0 */
  readonly announceDelay?: Distribution
  /** Until a lookup has its answer, in milliseconds. @default 0 */
  readonly lookupDelay?: Distribution
  /**
   * How long a record is found after it was stored last, in milliseconds; without `refresh`, only those of peers
   * that died expire, so long after their death. hyperdht's is 20 minutes.
   * @default for ever
   */
  readonly ttl?: number
  /**
   * How often a peer announces and asks again while it has a topic joined, in milliseconds, to which up to a fifth
   * is added by chance. Given, nobody hears of later peers but by asking again. Hyperswarm's is 10 minutes.
   * @default never
   */
  readonly refresh?: number
  /** The share of the records that a lookup misses, from 0 to 1. @default 0 */
  readonly missed?: number
  /** Records of keys that nobody has, under each topic. A dial to one times out. @default 0 */
  readonly fakes?: number
  /** The most records that a lookup returns, picked by chance. hyperdht's nodes return 20 each. @default no limit */
  readonly limit?: number
}

export type FullDiscovery = Required<DiscoveryOptions>

/** @throws NetworkerError `INVALID_OPTION` */
export function toFullDiscovery(options: DiscoveryOptions): FullDiscovery {
  const { announceDelay = 0, lookupDelay = 0, ttl = Number.POSITIVE_INFINITY } = options
  const {
    refresh = Number.POSITIVE_INFINITY,
    missed = 0,
    fakes = 0,
    limit = Number.POSITIVE_INFINITY
  } = options
  checkDistribution('announceDelay', announceDelay)
  checkDistribution('lookupDelay', lookupDelay)
  check('ttl', 'milliseconds above 0', ttl, ttl > 0)
  check('refresh', 'milliseconds above 0', refresh, refresh > 0)
  check('missed', 'a share from 0 to 1', missed, missed >= 0 && missed <= 1)
  check('fakes', 'a whole number of at least 0', fakes, Number.isInteger(fakes) && fakes >= 0)
  check('limit', 'a number of at least 0', limit, limit >= 0)
  return { announceDelay, lookupDelay, ttl, refresh, missed, fakes, limit }
}

function check(name: string, what: string, value: number, isFine: boolean): void {
  if (!isFine) throw new NetworkerError('INVALID_OPTION', `${name} must be ${what}, got ${value}`)
}
