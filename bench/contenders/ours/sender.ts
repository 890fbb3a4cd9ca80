import type { Extension, Peer } from '@basestore/networker'
import type { Sender } from '../sender.js'

/** An extension of the networker, to one peer. */
export function ourSender(extension: Extension<Peer, Uint8Array>, peer: Peer): Sender {
  return {
    send: (message) => extension.send(message, peer),
    drained: () => extension.drained(peer)
  }
}
