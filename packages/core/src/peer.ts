import { describeBy, PEER } from './inspect.js'
import { toBuffer } from './keys.js'
import { type Arrival, Link, type LinkContext } from './link.js'
import type { NoiseStream } from './noise-stream.js'

/** A remote networker that we are connected to. The object stays the same while any connection to its key lasts. */
export interface Peer {
  /** 32 bytes, proven by the Noise handshake. */
  readonly remotePublicKey: Buffer
  /** The remote's `host:port`, or null where there is none. */
  readonly remoteAddress: string | null
  /** The carrier of the stream: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  /** The connection. `Protomux.from(peer.stream)` opens channels of your own; see the event `peer-stream`. */
  readonly stream: NoiseStream
  /** Encrypted bytes received, over all streams that this peer ever had. */
  readonly bytesRead: number
  /** Encrypted bytes sent, over all streams that this peer ever had. */
  readonly bytesWritten: number
}

/** The peers, as one of them sees them. */
export interface PeerContext {
  /** The remote opened our channel on the link, or rejected it. */
  onchannel(peer: LinkedPeer, link: Link): void
  /** The remote chose the link. */
  onuse(peer: LinkedPeer, link: Link, n: number): void
}

/** A peer with the links to it, the oldest first. One of them carries it. */
export class LinkedPeer implements Peer, LinkContext {
  static {
    describeBy<Peer>(LinkedPeer, PEER)
  }

  readonly remotePublicKey: Buffer
  links: readonly Link[] = []
  /** The number of the latest choice of a stream, by whichever side chooses. */
  choice = 0
  /** How often the last link was lost. Only the latest loss removes the peer. */
  losses = 0
  readonly #context: PeerContext
  #current: Link
  #bytesRead = 0
  #bytesWritten = 0

  /** The first arrival becomes the current link; {@link add} follows once it is attached. */
  constructor(context: PeerContext, arrival: Arrival) {
    this.#context = context
    this.remotePublicKey = toBuffer(arrival.stream.remotePublicKey)
    this.#current = new Link(this, arrival)
  }

  /** The link that carries the peer. */
  get current(): Link {
    return this.#current
  }

  get stream(): NoiseStream {
    return this.#current.stream
  }

  get type(): string {
    return this.#current.type
  }

  get remoteAddress(): string | null {
    return this.#current.remoteAddress
  }

  get bytesRead(): number {
    return this.links.reduce((sum, { stream }) => sum + stream.rawBytesRead, this.#bytesRead)
  }

  get bytesWritten(): number {
    return this.links.reduce((sum, { stream }) => sum + stream.rawBytesWritten, this.#bytesWritten)
  }

  add(link: Link): void {
    this.links = this.links.concat(link) // push() would reserve room for 17 links
  }

  remove(link: Link): void {
    this.links = this.links.filter((other) => other !== link)
    this.#bytesRead += link.stream.rawBytesRead
    this.#bytesWritten += link.stream.rawBytesWritten
  }

  /** Makes a link carry the peer. Returns the previous stream, or null when nothing changed. */
  carryBy(link: Link): NoiseStream | null {
    if (link === this.#current) return null
    const previous = this.#current.stream
    this.#current = link
    return previous
  }

  /**
   * The link that should carry the peer: a link on which the remote opened our channel. The transport listed first
   * wins; within one transport the newest link wins, since a remote that dials again has lost the older one. A remote
   * without our channel never answers; it chose the newest link by dialling it.
   */
  best(): Link | undefined {
    let best: Link | undefined
    for (const link of this.links) {
      if (link.channel !== 'open' || link.ending) continue
      if (!best || link.slot.rank <= best.slot.rank) best = link
    }
    return best ?? this.links.findLast(({ ending }) => !ending) ?? this.links.at(-1)
  }

  onchannel(link: Link): void {
    this.#context.onchannel(this, link)
  }

  onuse(link: Link, n: number): void {
    this.#context.onuse(this, link, n)
  }
}
