import { NetworkerError } from '@basestore/networker/transport'
import type { DiscoveryOptions } from './discovery/options.js'
import type { OnEvent } from './events.js'
import type { Host } from './host.js'
import type { Shape } from './links/shape.js'
import { type Clock, RealClock } from './time/clock.js'

/** The same on every run, so that a run repeats unless asked otherwise. */
const DEFAULT_SEED = 0
const DEFAULT_NAME = 'memory'
/** As long as hyperdht waits for a dial, and longer than a keep-alive of 5 s goes unanswered, in milliseconds. */
const DEFAULT_TIMEOUT = 10_000

export interface MemoryNetworkOptions {
  /**
   * Decides whatever is left to chance. The same seed and the same calls give the same; 1 and '1' are one seed.
   * @default 0
   */
  readonly seed?: number | string
  /**
   * The name of its transports, and the beginning of its hosts' names. The transports of one networker need
   * different names: give one when a networker is on two networks.
   * @default 'memory'
   */
  readonly name?: string
  /** What it asks for the time. @default that of this computer */
  readonly clock?: Clock
  /**
   * How each direction of each link behaves; or a function that tells it by the hosts and the link's number, as in
   * events. It is asked when the link is dialled, and again whenever a fault begins or ends.
   * @default perfectly
   */
  readonly link?: Shape | ((from: Host, to: Host, link: number) => Shape)
  /** How peers find each other, and fail to. @default at once, all of them */
  readonly discovery?: DiscoveryOptions
  /**
   * How long a dial that nobody answers takes to fail, and a link over which nothing gets through to close, in
   * milliseconds.
   * @default 10_000
   */
  readonly timeout?: number
  /** Told of whatever happens in it. */
  readonly onevent?: OnEvent
}

export interface KillOptions {
  /**
   * What the others see: `silent` nothing, until they give up, as when a computer loses power; `reset` that their
   * links break, as when a process dies and its computer closes what it had open.
   * @default 'silent'
   */
  readonly mode?: 'silent' | 'reset'
}

/** @throws NetworkerError `INVALID_OPTION` */
export function toFullOptions(options: MemoryNetworkOptions) {
  const { seed = DEFAULT_SEED, name = DEFAULT_NAME, clock = new RealClock(), link = {}, onevent } = options
  const { discovery = {}, timeout = DEFAULT_TIMEOUT } = options
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new NetworkerError('INVALID_OPTION', `seed must be a string or a finite number, got ${seed}`)
  }
  if (!(timeout > 0 && Number.isFinite(timeout))) {
    throw new NetworkerError('INVALID_OPTION', `timeout must be milliseconds above 0, got ${timeout}`)
  }
  return { seed, name, clock, link, onevent, discovery, timeout }
}
