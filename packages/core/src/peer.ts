import type { ChannelHooks } from '@basestore/extensions'
import type { StreamInfo } from './contract.js'
import { toBuffer } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import type { TransportSlot } from './transport-slot.js'

/** Someone we are connected to. It stays the same object while any connection to its public key lasts. */
export interface Peer {
  /** 32 bytes, proven by the Noise handshake. */
  readonly remotePublicKey: Buffer
  /** The remote's `host:port`, or null where there is none. */
  readonly remoteAddress: string | null
  /** What carries the stream: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  /** The connection. `Protomux.from(peer.stream)` opens channels of your own; see the event `peer-stream`. */
  readonly stream: NoiseStream
  /** Encrypted bytes, over all streams that this peer ever had. */
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** A stream that was admitted. */
interface Arrival {
  readonly stream: NoiseStream
  readonly info: StreamInfo
  readonly slot: TransportSlot
}

/** Whoever follows what happens on the links. */
interface LinkOwner {
  onchannel(link: Link): void
  onuse(link: Link, n: number): void
}

/** One stream to a peer. It has the hooks of our channel itself, since a closure for each would cost every peer heap. */
export class Link implements ChannelHooks {
  readonly peer: LinkedPeer
  readonly stream: NoiseStream
  readonly slot: TransportSlot
  readonly type: string
  readonly remoteAddress: string | null
  /** Whether the remote opened our channel on it, does not know it, or has not said. */
  channel: 'pending' | 'open' | 'rejected' = 'pending'
  /** True once it lost against another one: it is read to its end, and carries nothing new. */
  ending = false
  readonly #owner: LinkOwner

  /** @param known undefined for the first link of a peer */
  constructor(owner: LinkOwner, known: LinkedPeer | undefined, { stream, info, slot }: Arrival) {
    this.#owner = owner
    this.stream = stream
    this.slot = slot
    this.type = info.type
    this.remoteAddress = info.remoteAddress ?? null
    this.peer = known ?? new LinkedPeer(this)
  }

  onopen(): void {
    this.channel = 'open'
    this.#owner.onchannel(this)
  }

  onreject(): void {
    this.channel = 'rejected'
    this.#owner.onchannel(this)
  }

  onuse(n: number): void {
    this.#owner.onuse(this, n)
  }
}

/** A peer with the links that carry it, the oldest first. */
export class LinkedPeer implements Peer {
  readonly remotePublicKey: Buffer
  links: readonly Link[] = []
  /** The latest choice of a stream, by whichever side chooses. */
  choice = 0
  /** How often the last link was lost, so that only the latest loss removes the peer. */
  losses = 0
  #current: Link
  #bytesRead = 0
  #bytesWritten = 0

  constructor(link: Link) {
    this.remotePublicKey = toBuffer(link.stream.remotePublicKey)
    this.#current = link
  }

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
    this.links = this.links.concat(link) // pushed to, it would have room for 17
  }

  remove(link: Link): void {
    this.links = this.links.filter((other) => other !== link)
    this.#bytesRead += link.stream.rawBytesRead
    this.#bytesWritten += link.stream.rawBytesWritten
  }

  /** Makes a link carry the peer. Returns the stream it had, or null when nothing changed. */
  carryBy(link: Link): NoiseStream | null {
    if (link === this.#current) return null
    const previous = this.#current.stream
    this.#current = link
    return previous
  }

  /**
   * The link that should carry the peer: of those that the remote answered on, the one whose transport is listed
   * first, and within one transport the newest, since the remote must have lost the older. A remote without our
   * channel never answers, and has chosen the newest by dialling it.
   */
  best(): Link | undefined {
    let best: Link | undefined
    for (const link of this.links) {
      if (link.channel !== 'open' || link.ending) continue
      if (!best || link.slot.rank <= best.slot.rank) best = link
    }
    return best ?? this.links.findLast(({ ending }) => !ending) ?? this.links.at(-1)
  }
}
