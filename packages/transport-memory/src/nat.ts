import type { DialFailure } from './faults.js'
import type { Nat } from './host.js'

/** How a dial from one host to another fails for their routers; undefined when it gets through. */
export function natFailure(_from: Nat, _to: Nat): DialFailure | undefined {
  return undefined
}
