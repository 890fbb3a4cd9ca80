import type { Hello } from '@basestore/extensions/internal'
import { describeBy, PEER } from './inspect.js'
import { toBuffer, toId } from './keys.js'
import type { Link } from './link.js'
import type { NoiseStream } from './noise-stream.js'
import type { Peer } from './peer.js'

/** A link that belongs to a peer. */
export type PeerLink = Link<LinkedPeer>

/** A peer with the links to it, the oldest first. One of them carries it. */
export class LinkedPeer implements Peer {
  static {
    describeBy<Peer>(LinkedPeer, PEER)
  }

  readonly remotePublicKey: Buffer
  links: readonly PeerLink[] = []
  /** Ours, in each hello: greater each time that we meet this key anew. */
  readonly life: number
  /** Whether the app was told of it. */
  state: 'new' | 'added' | 'removed' = 'new'
  /** Milliseconds since 1970. */
  since = 0
  /** The run of the remote's program, as the key of a `Map`; null for a remote without runs. */
  run: string | null = null
  /** The number of the latest choice of a stream, by whichever side chooses. */
  choice = 0
  /** How often the last link was lost. Only the latest loss removes the peer. */
  losses = 0
  /** Whether another program uses the remote's key at the same time. */
  isDuplicated = false
  #remoteLife = 0
  #current: PeerLink
  #bytesRead = 0
  #bytesWritten = 0

  /** @param first becomes the current link; {@link add} follows once it is attached */
  constructor(first: PeerLink, life: number) {
    this.remotePublicKey = toBuffer(first.stream.remotePublicKey)
    this.life = life
    this.#current = first
    first.peer = this
  }

  /** The link that carries the peer. */
  get current(): PeerLink {
    return this.#current
  }

  get stream(): NoiseStream {
    return this.#current.stream
  }

  get remoteId(): Buffer | null {
    return this.run === null ? null : Buffer.from(this.run, 'latin1')
  }

  get transport(): string {
    return this.#current.slot.name
  }

  get type(): string {
    return this.#current.type
  }

  get remoteAddress(): string | null {
    return this.#current.remoteAddress
  }

  get direction(): 'in' | 'out' {
    return this.stream.isInitiator ? 'out' : 'in'
  }

  get topics(): readonly Buffer[] {
    const known = new Map(this.links.flatMap(({ topics }) => topics.map((topic) => [toId(topic), topic])))
    return [...known.values()].map((topic) => Buffer.from(topic))
  }

  get bytesRead(): number {
    return this.links.reduce((sum, { stream }) => sum + stream.rawBytesRead, this.#bytesRead)
  }

  get bytesWritten(): number {
    return this.links.reduce((sum, { stream }) => sum + stream.rawBytesWritten, this.#bytesWritten)
  }

  /** Whether a link is there on which the remote admitted us. */
  get isUp(): boolean {
    return this.links.some(({ isUp }) => isUp)
  }

  /** Takes the name of the remote's run. */
  meet(hello: Hello | null): void {
    this.run = hello && toId(hello.run)
    this.#remoteLife = hello?.life ?? 0
  }

  /**
   * Compares a hello with the one that it knows: `same`; `newer` and `older` are lives of the same run; `other` is
   * another run.
   */
  compare(hello: Hello | null): 'same' | 'newer' | 'older' | 'other' {
    if ((hello && toId(hello.run)) !== this.run) return 'other'
    const life = hello?.life ?? 0
    if (life === this.#remoteLife) return 'same'
    return life > this.#remoteLife ? 'newer' : 'older'
  }

  add(link: PeerLink): void {
    link.peer = this
    this.links = this.links.concat(link) // push() would reserve room for 17 links
  }

  remove(link: PeerLink): void {
    if (!this.links.includes(link)) return
    this.links = this.links.filter((other) => other !== link)
    this.#bytesRead += link.stream.rawBytesRead
    this.#bytesWritten += link.stream.rawBytesWritten
  }

  /** Takes a link off that turned out to be another peer's. */
  release(link: PeerLink): void {
    this.links = this.links.filter((other) => other !== link)
  }

  /** Makes a link carry the peer. Returns the previous stream, or null when nothing changed. */
  carryBy(link: PeerLink): NoiseStream | null {
    if (link === this.#current) return null
    const previous = this.#current.stream
    this.#current = link
    return previous
  }

  /**
   * The link that should carry the peer: a link on which the remote opened our channel. The transport listed first
   * wins; within one transport the newest link wins, since a remote that dials again has lost the older one. A remote
   * without our channel chose the newest link by dialling it. Undefined while no link is heard.
   */
  best(): PeerLink | undefined {
    let best: PeerLink | undefined
    for (const link of this.links) {
      if (link.state !== 'open' || link.ending) continue
      if (!best || link.slot.rank <= best.slot.rank) best = link
    }
    const heard = this.links.filter(({ state }) => state !== 'unheard')
    return best ?? heard.findLast(({ ending }) => !ending) ?? heard.at(-1)
  }
}
