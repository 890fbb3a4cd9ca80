import type { DialFault } from './faults/injected-fault.js'
import type { Nat } from './host.js'

/**
 * How a dial from one host to another fails because of their routers; undefined when it gets through.
 *
 * It follows hyperdht 6.34. An open server is dialled directly. A server that is not open dials an open client
 * (`lib/connect.js`, `lib/server.js`). Two hosts of which at least one keeps its port punch a hole
 * (`lib/holepuncher.js`, `_punch`). Where neither keeps it, the server tells the client so through the DHT, and the
 * client gives up (`HOLEPUNCH_DOUBLE_RANDOMIZED_NATS`). hyperdht has no word for `blocked`: UDP gets nowhere.
 * Relays, and hosts behind one router that find each other on its LAN, are not modelled.
 */
export function natFault(from: Nat, to: Nat): DialFault | undefined {
  if (from === 'blocked' || to === 'blocked') return 'timeout'
  return from === 'random' && to === 'random' ? 'refused' : undefined
}
