import type { Host } from '../host.js'
import type { FullLinkShape } from '../links/shape.js'
import type { Rule } from './rule.js'

/** How a dial fails. */
export type DialFault =
  /** The host answers that nobody listens. */
  | 'refused'
  /** Nothing comes back. */
  | 'timeout'
  /** The dialler's end opens, the acceptor's never does. */
  | 'half-open'
  /** The link opens, and no frame ever comes back. */
  | 'silent'

export const DIAL_FAULTS: readonly DialFault[] = ['refused', 'timeout', 'half-open', 'silent']

/** Something wrong with the way from one host to another. */
export interface InjectedFault {
  /** The verb, and the way where there are several, as `partition` or `dial refused`. */
  readonly kind: string
  /** The hosts concerned, for people to read. */
  readonly who: string
  applies(from: Host, to: Host): boolean
  /**
   * How it stops all that is sent. `hold` keeps it back. `drop` keeps it back too, as if it were sent again and
   * again, until the link's ends give up. `reset` breaks links, and those that are dialled.
   */
  readonly stops?: 'hold' | 'drop' | 'reset'
  readonly shape?: FullLinkShape
  readonly dial?: DialFault
  readonly judge?: Rule
  /** Whether it stops a host itself, which then does not give up either. */
  pauses?(host: Host): boolean
  /** Whether the discovery does not answer a host. */
  failsDiscovery?(host: Host): boolean
}
