import type { ByeReason, Hello, Presence } from '@basestore/extensions/internal'
import { Attacher, type AttacherContext } from './attacher.js'
import { Choice, endLink } from './choice.js'
import { Contests } from './contests.js'
import { Duplicates } from './duplicates.js'
import { type FailoverContext, failover } from './failover.js'
import { Greetings } from './greetings.js'
import { toId } from './keys.js'
import { type Arrival, Link, type LinkContext } from './link.js'
import { LinkedPeer, type PeerLink } from './linked-peer.js'
import { endAllWithin, type NoiseStream } from './noise-stream.js'
import type { Peer } from './peer.js'

interface PeersContext extends AttacherContext, FailoverContext {
  /** Our own. */
  readonly publicKey: Uint8Array
  onadd(peer: Peer): void
  onremove(peer: Peer): void
  onstream(peer: Peer, previous: NoiseStream): void
  /** A stream is attached: in the tick in which it arrives. */
  onarrival(link: PeerLink): void
  /** A link has closed. Its peer does not have it any more. */
  onleft(link: PeerLink): void
}

/**
 * The peers, one for each remote public key and run of its program, over all transports.
 *
 * A stream is attached in the tick in which it arrives, and belongs to a peer of its key from then on. The app is told
 * of the peer when the remote was heard: then both sides have admitted each other. The remote's hello says which run of
 * its program it is. Another run than before is another peer (docs/wire.md).
 */
export class Peers implements LinkContext<LinkedPeer> {
  /** The peers that the app was told of. */
  readonly set = new Set<Peer>()
  readonly streams = new Set<NoiseStream>()
  readonly greetings = new Greetings()
  readonly #context: PeersContext
  readonly #attacher: Attacher
  readonly #choice: Choice
  readonly #contests: Contests
  readonly #duplicates: Duplicates
  readonly #byKey = new Map<string, LinkedPeer>()
  #lives = 0 // of peers, so far

  constructor(context: PeersContext) {
    this.#context = context
    this.#attacher = new Attacher(context)
    this.#choice = new Choice(context)
    this.#duplicates = new Duplicates(context.onfault)
    this.#contests = new Contests({
      get: (remotePublicKey) => this.get(remotePublicKey),
      onwon: (incumbent, rival) => this.#replace(incumbent, rival),
      onduplicate: (peer) => this.#duplicates.ofPeer(peer)
    })
  }

  /** How many remotes are connected, or have not admitted us yet. */
  get count(): number {
    return this.#byKey.size
  }

  get(remotePublicKey: Uint8Array): LinkedPeer | undefined {
    return this.#byKey.get(toId(remotePublicKey))
  }

  /** The peer, once the app was told of it. */
  added(remotePublicKey: Uint8Array): Peer | undefined {
    const peer = this.get(remotePublicKey)
    return peer?.state === 'added' ? peer : undefined
  }

  /** The peer while it has a stream. A peer whose last stream was lost has none until another transport reaches it. */
  connected(remotePublicKey: Uint8Array): Peer | undefined {
    const peer = this.get(remotePublicKey)
    return peer?.state === 'added' && peer.links.some(({ state }) => state !== 'unheard') ? peer : undefined
  }

  /** Attaches replication and extensions to an admitted stream, in the tick in which it arrives. */
  add(arrival: Arrival): void {
    const { stream } = arrival
    const link: PeerLink = new Link<LinkedPeer>(this, arrival)
    const peer = this.get(stream.remotePublicKey) ?? new LinkedPeer(link, ++this.#lives)
    link.peer = peer
    if (!this.#attacher.attach(link)) return

    this.#byKey.set(toId(peer.remotePublicKey), peer)
    peer.add(link)
    this.streams.add(stream)
    this.greetings.begin(link)
    stream.on('close', () => this.#onclose(link)) // cheaper than once(), and 'close' comes once
    this.#context.onarrival(link)
  }

  /** Ends every stream, and destroys those that the remote has not ended within `ms`. */
  async endAll(reason: ByeReason, ms: number): Promise<void> {
    for (const peer of this.#byKey.values()) for (const link of peer.links) link.channel.bye(reason)
    await endAllWithin(this.streams, ms)
  }

  /** Ends the streams of one peer, and removes it at once: when the remote comes again, it is another peer. */
  end(remotePublicKey: Uint8Array, reason: ByeReason): void {
    const peer = this.get(remotePublicKey)
    if (!peer) return
    for (const link of peer.links) {
      link.channel.bye(reason)
      this.#attacher.leave(link)
      endLink(link)
    }
    this.#remove(peer)
  }

  /** Removes all remaining peers. Their streams have closed. */
  removeAll(): void {
    for (const peer of this.#byKey.values()) this.#remove(peer)
  }

  handshakeOf(link: PeerLink): Uint8Array | null {
    return this.#attacher.handshakeOf(link)
  }

  onhello(link: PeerLink, hello: Hello | null): void {
    const before = link.state
    link.state = 'open'
    // A remote may close its channel and open it again. It cannot become another run by that.
    if (before === 'unheard') this.#onheard(link, hello)
    else if (before === 'rejected') this.#choice.onlink(link.peer, link)
  }

  onreject(link: PeerLink): void {
    link.state = 'rejected'
    this.#onheard(link, null)
  }

  onuse(link: PeerLink, n: number): void {
    if (link.peer.state === 'added') this.#choice.onuse(link.peer, link, n)
  }

  onpresence(link: PeerLink, what: Presence): void {
    if (what === 'here') this.#contests.of(link)?.onanswer(link)
    else if (what === 'other') this.#duplicates.ofOurs(link.peer)
  }

  onbye(link: PeerLink, reason: ByeReason): void {
    link.reason = reason
    if (reason === 'duplicate') this.#duplicates.ofOurs(link.peer)
    if (link.state === 'unheard') endLink(link)
  }

  #onheard(link: PeerLink, hello: Hello | null): void {
    this.greetings.end(link)
    const { peer } = link
    if (link.ending) return
    if (peer.state === 'new') {
      peer.meet(hello)
      this.#admit(peer, link)
      return
    }
    const isUp = peer.links.some((other) => other !== link && other.isUp)
    const compared = hello ? peer.compare(hello) : isUp ? 'same' : 'newer' // a remote without runs
    if (compared === 'same') this.#join(link)
    else if (compared === 'older') endLink(link)
    else if (compared === 'other' && hello && isUp && peer.run !== null) this.#contests.challenge(link, hello)
    else this.#succeed(link, hello)
  }

  /** Tells the app of a peer that is new. */
  #admit(peer: LinkedPeer, link: PeerLink): void {
    peer.state = 'added'
    peer.since = Date.now()
    peer.carryBy(link) // an earlier one may be unheard
    this.#attacher.join(link)
    this.set.add(peer)
    this.#context.onadd(peer)
    this.#attacher.tell(link)
  }

  #join(link: PeerLink): void {
    this.#attacher.join(link)
    this.#attacher.tell(link)
    this.#choice.onlink(link.peer, link)
  }

  /** Another run, or another life of the same run, takes the place of the link's peer. */
  #succeed(link: PeerLink, hello: Hello | null): void {
    const { peer } = link
    peer.release(link)
    const next = new LinkedPeer(link, peer.life)
    next.meet(hello)
    next.add(link)
    this.#replace(peer, next)
  }

  #replace(peer: LinkedPeer, next: LinkedPeer): void {
    this.#contests.end(peer, next)
    for (const link of peer.links) {
      if (link.state === 'unheard') {
        peer.release(link)
        next.add(link)
        continue
      }
      this.#attacher.leave(link)
      if (peer.run !== next.run) link.channel.bye('duplicate') // only a program that lives hears it
      endLink(link)
    }
    this.#remove(peer)
    this.#byKey.set(toId(next.remotePublicKey), next)
    const [first, ...others] = next.links.filter(({ state }) => state !== 'unheard') as [PeerLink]
    this.#admit(next, first)
    for (const link of others) this.#join(link)
  }

  #onclose(link: PeerLink): void {
    const { peer } = link
    this.streams.delete(link.stream)
    peer.remove(link)
    this.#attacher.leave(link)
    this.greetings.end(link)
    this.#context.onleft(link)
    if (this.get(peer.remotePublicKey) !== peer) this.#contests.of(link)?.onlost(peer)
    else if (!peer.isUp) this.#ondown(peer, link)
    else if (peer.current === link) this.#choice.onlost(peer)
  }

  /** No link is left on which the remote has admitted us. */
  #ondown(peer: LinkedPeer, link: PeerLink): void {
    const heir = this.#contests.heirOf(peer)
    if (heir) this.#replace(peer, heir)
    else if (peer.links.length > 0)
      return // they may be admitted yet
    else if (peer.state === 'new') this.#byKey.delete(toId(peer.remotePublicKey))
    else this.#lost(peer, link).catch(this.#context.onfault)
  }

  async #lost(peer: LinkedPeer, link: PeerLink): Promise<void> {
    const loss = ++peer.losses
    await failover(peer, link, this.#context)
    if (peer.links.length === 0 && peer.losses === loss) this.#remove(peer)
  }

  #remove(peer: LinkedPeer): void {
    this.#contests.end(peer)
    if (this.get(peer.remotePublicKey) === peer) this.#byKey.delete(toId(peer.remotePublicKey))
    peer.state = 'removed'
    if (this.set.delete(peer)) this.#context.onremove(peer)
  }
}
