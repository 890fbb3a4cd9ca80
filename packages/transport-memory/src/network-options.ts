import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { checkNumber, invalidOption } from './check.js'
import { type DiscoveryOptions, type FullDiscovery, toFullDiscovery } from './discovery/options.js'
import type { OnEvent } from './events.js'
import type { Host } from './host.js'
import { type FullLinkShape, type LinkShape, PERFECT, toFullShape } from './links/shape.js'
import { type Clock, RealClock } from './time/clock.js'

/** Fixed, so that two runs without a seed are the same. */
const DEFAULT_SEED = 0
const DEFAULT_NAME = 'memory'
/** In milliseconds. hyperdht waits as long for a dial, and a keep-alive of 5 s gets its answer before. */
const DEFAULT_TIMEOUT = 10_000

export interface MemoryNetworkOptions {
  /**
   * Decides all that is left to chance: the same seed and the same calls give the same run. 1 and '1' are one seed.
   * @default 0
   */
  readonly seed?: number | string
  /**
   * Name of its transports, and the beginning of its hosts' names. The transports of one networker need different
   * names: give one when a networker is on two networks.
   * @default 'memory'
   */
  readonly name?: string
  /** Where it gets the time. @default the time of this computer */
  readonly clock?: Clock
  /**
   * How each direction of each link behaves, or a function that tells it by the two hosts and the link's number, as
   * in events. The function is called when a link is dialled, and again whenever an injected fault begins or is over.
   * @default a perfect link
   */
  readonly link?: LinkShape | ((from: Host, to: Host, link: number) => LinkShape)
  /** How peers find each other, and fail to. @default all of them, at once */
  readonly discovery?: DiscoveryOptions
  /**
   * Time after which a dial fails that nobody answers, and a link closes over which nothing gets through (ms).
   * @default 10_000
   */
  readonly timeout?: number
  /** Called with everything that happens in it. */
  readonly onevent?: OnEvent
}

const OPTIONS: OptionKinds<MemoryNetworkOptions> = {
  seed: 'any',
  name: 'string',
  clock: 'object',
  link: 'any',
  discovery: 'object',
  timeout: 'any',
  onevent: 'function'
}

/** The options with all their parts. */
export interface FullNetworkOptions {
  readonly seed: number | string
  readonly name: string
  readonly clock: Clock
  readonly discovery: FullDiscovery
  readonly timeout: number
  readonly onevent: OnEvent | undefined
  shape(from: Host, to: Host, link: number): FullLinkShape
}

/** @throws NetworkerError `INVALID_OPTION` */
export function toFullOptions(options: MemoryNetworkOptions): FullNetworkOptions {
  checkOptions<MemoryNetworkOptions>(options, OPTIONS, { what: 'the options of a memory network' })
  const { seed = DEFAULT_SEED, name = DEFAULT_NAME, clock = new RealClock(), link = {}, onevent } = options
  const { discovery = {}, timeout = DEFAULT_TIMEOUT } = options
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw invalidOption(`seed must be a string or a finite number, got ${seed}`)
  }
  checkNumber('timeout', 'milliseconds above 0', timeout, timeout > 0 && Number.isFinite(timeout))
  const fixed = typeof link === 'function' ? PERFECT : toFullShape(link)
  const shape: FullNetworkOptions['shape'] =
    typeof link === 'function' ? (...which) => toFullShape(link(...which)) : () => fixed
  return { seed, name, clock, shape, discovery: toFullDiscovery(discovery), timeout, onevent }
}
