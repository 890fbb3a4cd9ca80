import type { OnlineState } from './contract.js'
import type { NoiseStream } from './noise-stream.js'
import type { Peer } from './peer.js'

/** The events of a networker and their arguments. There is no `'error'`: without a listener it ends the process. */
export interface NetworkerEvents {
  /** A peer is connected. */
  'peer-add': [peer: Peer]
  /** A peer's last stream is gone, and no other transport reached it again. */
  'peer-remove': [peer: Peer]
  /**
   * A stream is there, in the tick in which it arrives, and the remote may not have admitted us yet. Both sides can open
   * Protomux channels of their own on it now, without losing messages. One peer may have several streams at once:
   * `networker.protocol()` makes one channel of them.
   */
  stream: [stream: NoiseStream]
  /** Another stream than `previous` carries the peer now. Extensions and protocols have moved with it. */
  'peer-stream': [peer: Peer, previous: NoiseStream]
  /** A topic was handed to the transports. */
  joined: [discoveryKey: Buffer]
  /** A topic is announced, and every peer that was found was tried: once after each join or change of mode. */
  flushed: [discoveryKey: Buffer]
  /** `networker.online` is another. */
  'online-change': [state: OnlineState]
  /** Trouble that the networker survives, such as a transport that fails or a peer that sends garbage. */
  fault: [error: unknown]
}
