import type { DialFailure } from './faults/faults.js'
import type { Nat } from './host.js'

/**
 * How a dial from one host to another fails for what their routers do; undefined when it gets through.
 *
 * It follows hyperdht 6.34: a server that is open is dialled directly, and one that is not dials a client that is
 * (`lib/connect.js`, `lib/server.js`); two that keep their port, or of whom one does, punch a hole
 * (`lib/holepuncher.js`, `_punch`); where neither does, the client is told so by the remote, through the DHT, and
 * gives up (`HOLEPUNCH_DOUBLE_RANDOMIZED_NATS`). `blocked` is what hyperdht has no word for: UDP gets nowhere.
 * Relays, and hosts behind one router that find each other on its LAN, are not modelled.
 */
export function natFailure(from: Nat, to: Nat): DialFailure | undefined {
  if (from === 'blocked' || to === 'blocked') return 'timeout'
  return from === 'random' && to === 'random' ? 'refused' : undefined
}
