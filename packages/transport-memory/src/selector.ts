import { NetworkerError } from '@basestore/networker/transport'
import { Host } from './host.js'

/** Hosts of a network: one, those of a name or a pattern, those that a function picks, or several of these. */
export type Selector = Host | string | RegExp | ((host: Host) => boolean) | readonly Selector[]

/** Everybody, also who comes later. */
export const EVERYBODY: Selector = () => true

/** Whether a selector means a host. */
export function matches(selector: Selector, host: Host): boolean {
  if (selector instanceof Host) return selector === host
  if (typeof selector === 'string') return selector === host.name
  if (selector instanceof RegExp) return host.name.search(selector) !== -1 // test() remembers where it was
  if (typeof selector === 'function') return selector(host)
  return selector.some((one) => matches(one, host))
}

/** A selector as people read it. */
export function describeSelector(selector: Selector): string {
  if (selector === EVERYBODY) return 'everybody'
  if (selector instanceof Host) return selector.name
  if (typeof selector === 'function') return selector.name || 'some'
  if (typeof selector === 'string' || selector instanceof RegExp) return String(selector)
  return selector.map(describeSelector).join(', ')
}

/**
 * A name that nobody has is a slip of the pen, and a fault that hits nobody a test that proves nothing.
 *
 * @throws NetworkerError `INVALID_OPTION`
 */
export function checkNames(selector: Selector, hosts: ReadonlyMap<string, Host>): void {
  if (Array.isArray(selector)) for (const one of selector) checkNames(one, hosts)
  if (typeof selector !== 'string' || hosts.has(selector)) return
  const known = [...hosts.keys()].slice(0, 20).join(', ')
  throw new NetworkerError(
    'INVALID_OPTION',
    `no host is called '${selector}'; there are: ${known || 'none yet'}`
  )
}
