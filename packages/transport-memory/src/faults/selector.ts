import { invalidOption } from '../check.js'
import { Host } from '../host.js'

/**
 * Hosts of a network: one host, those of a name or a pattern, those that a function picks, or several of these. All
 * but the first also mean hosts that come later.
 */
export type Selector = Host | string | RegExp | ((host: Host) => boolean) | readonly Selector[]

/** All hosts, also those that come later. */
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
 * A name that no host has is a slip of the pen: the fault would hit nobody, and the test prove nothing.
 *
 * @throws NetworkerError `INVALID_OPTION`, also for a host that was killed, or is another network's
 */
export function checkSelector(selector: Selector, hosts: ReadonlyMap<string, Host>): void {
  if (Array.isArray(selector)) {
    for (const one of selector) checkSelector(one, hosts)
    return
  }
  if (selector instanceof RegExp || typeof selector === 'function') return
  const name = selector instanceof Host ? selector.name : selector
  const known = hosts.get(name as string)
  if (known && (typeof selector === 'string' || selector === known)) return
  const names = [...hosts.keys()].slice(0, 20).join(', ')
  throw invalidOption(
    selector instanceof Host
      ? `the host ${name} is not one of this network, or was killed and made anew; name it, or pass the new one`
      : `no host is called '${name}'; there are: ${names || 'none yet'}`
  )
}
