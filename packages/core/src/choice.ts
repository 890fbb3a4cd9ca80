import type { LinkedPeer, PeerLink } from './linked-peer.js'
import { endWithin, type NoiseStream } from './noise-stream.js'
import type { Peer } from './peer.js'

/** Time for a link that was not chosen to hand over what is in flight (ms). Then its stream is destroyed. */
export const END_TIMEOUT = 5_000

interface ChoiceContext {
  /** Our own. */
  readonly publicKey: Uint8Array
  onstream(peer: Peer, previous: NoiseStream): void
}

/**
 * The choice among several streams to one peer.
 *
 * Two streams to one peer happen. Both sides attach both of them. Only the side with the greater public key chooses:
 * it tells its choice on the chosen stream, and the other side follows and answers there. Then the side that chose
 * ends the other streams. So one stream is always left, however choices and arrivals cross (docs/wire.md).
 */
export class Choice {
  readonly #context: ChoiceContext
  /** Rises with every choice. A new run of this program begins again: the remotes then have new peers too. */
  #n = 0

  constructor(context: ChoiceContext) {
    this.#context = context
  }

  /** The remote admitted us on another link of the peer. */
  onlink(peer: LinkedPeer, link: PeerLink): void {
    if (link.state === 'open' && this.#chooses(peer)) this.#choose(peer)
    else if (link.state === 'rejected' ? !peer.links.some(isOpen) : !peer.current.isUp)
      this.#carryByBest(peer)
  }

  /** The link that carried the peer is gone, and others are left. */
  onlost(peer: LinkedPeer): void {
    if (this.#chooses(peer)) this.#choose(peer)
    else this.#carryByBest(peer)
  }

  onuse(peer: LinkedPeer, link: PeerLink, n: number): void {
    if (this.#chooses(peer)) {
      if (n === peer.choice && link === peer.current) endOthers(peer)
      return
    }
    if (n <= peer.choice) return
    peer.choice = n
    this.#carryBy(peer, link)
    link.channel.use(n)
  }

  /** Whether we are the side that chooses. */
  #chooses({ remotePublicKey }: Peer): boolean {
    return Buffer.compare(this.#context.publicKey, remotePublicKey) > 0
  }

  #choose(peer: LinkedPeer): void {
    this.#carryByBest(peer)
    peer.choice = ++this.#n
    peer.current.channel.use(peer.choice)
  }

  #carryByBest(peer: LinkedPeer): void {
    const best = peer.best()
    if (best) this.#carryBy(peer, best)
  }

  #carryBy(peer: LinkedPeer, link: PeerLink): void {
    const previous = peer.carryBy(link)
    if (!previous) return
    link.channel.prefer()
    this.#context.onstream(peer, previous)
  }
}

/** Ends a link. Data in flight still arrives, since the remote ends its own side in turn. */
export function endLink(link: PeerLink): void {
  if (link.ending) return
  link.ending = true
  endWithin(link.stream, END_TIMEOUT)
}

/** Ends the links that were not chosen. An unheard link stays: it is chosen if the remote admits us on it. */
function endOthers(peer: LinkedPeer): void {
  for (const link of peer.links) if (link !== peer.current && link.state !== 'unheard') endLink(link)
}

function isOpen({ state }: PeerLink): boolean {
  return state === 'open'
}
