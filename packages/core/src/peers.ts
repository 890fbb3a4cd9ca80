import type { Extensions } from '@basestore/extensions'
import { preferStream, useStream } from '@basestore/extensions/internal'
import { toId } from './keys.js'
import { type Arrival, Link } from './link.js'
import type { NoiseStream } from './noise-stream.js'
import { LinkedPeer, type Peer, type PeerContext } from './peer.js'
import type { Store } from './store.js'
import type { TransportSlot } from './transport-slot.js'
import { pause, settledWithin } from './wait.js'

/** Time for a link that was not chosen to hand over what is in flight (ms). Then its stream is destroyed. */
const END_TIMEOUT = 5_000
/** Time for the other transports to reach a peer whose last link was lost (ms). Then the peer is removed. */
const FAILOVER_TIMEOUT = 2_000
/** First pause between two attempts to reach a lost peer (ms). Each further pause is twice as long. */
const FAILOVER_DELAY = 50
/** Interval of keep-alive frames (ms). Hypercore sets the same on streams that it makes itself. */
const KEEP_ALIVE = 5_000

interface PeersContext {
  readonly store: Store
  /** Our own. */
  readonly publicKey: Uint8Array
  readonly extensions: Extensions<Peer>
  readonly slots: readonly TransportSlot[]
  /** Aborted when closing begins. */
  readonly signal: AbortSignal
  /** False while lost peers are not to be reached again: suspended, closing. */
  open(): boolean
  onadd(peer: Peer): void
  onremove(peer: Peer): void
  onstream(peer: Peer, previous: NoiseStream): void
  onfault(error: unknown): void
}

/**
 * One peer for each remote public key, over all transports.
 *
 * Two streams to one peer happen. Both sides attach both of them. Only the side with the greater public key chooses:
 * it tells its choice on the chosen stream, and the other side follows and answers there. Then the side that chose
 * ends the other streams. So one stream is always left, however choices and arrivals cross (docs/wire.md).
 */
export class Peers implements PeerContext {
  readonly set = new Set<Peer>()
  readonly streams = new Set<NoiseStream>()
  readonly #context: PeersContext
  readonly #byKey = new Map<string, LinkedPeer>()
  /** Rises with every choice. It begins with the clock, so that it also rises across restarts. */
  #choice = Date.now()

  constructor(context: PeersContext) {
    this.#context = context
  }

  get(remotePublicKey: Uint8Array): LinkedPeer | undefined {
    return this.#byKey.get(toId(remotePublicKey))
  }

  /** The peer while it has a stream. A peer whose last stream was lost has none until another transport reaches it. */
  connected(remotePublicKey: Uint8Array): Peer | undefined {
    const peer = this.get(remotePublicKey)
    return peer && peer.links.length > 0 ? peer : undefined
  }

  /** Attaches replication and extensions to an admitted stream, in the tick in which it arrives. */
  add(arrival: Arrival): void {
    const { stream } = arrival
    const known = this.get(stream.remotePublicKey)
    const peer = known ?? new LinkedPeer(this, arrival)
    const link = known ? new Link(known, arrival) : peer.current
    if (!this.#attach(peer, link)) return

    peer.add(link)
    this.streams.add(stream)
    stream.on('close', () => this.#onclose(peer, link)) // cheaper than once(), and 'close' comes once
    if (!known) this.#add(peer)
    else if (peer.current.stream.destroying || peer.links.some(isRejected)) this.#carryByBest(peer)
  }

  /** Ends every stream, and destroys those that the remote has not ended within `ms`. */
  async endAll(ms: number): Promise<void> {
    const closed = [...this.streams].map(
      (stream) => new Promise<void>((resolve) => stream.once('close', resolve))
    )
    for (const stream of this.streams) stream.end()
    if (await settledWithin(Promise.all(closed), ms)) return
    for (const stream of this.streams) stream.destroy()
    await Promise.all(closed)
  }

  /** Removes all remaining peers. Their streams have closed. */
  removeAll(): void {
    for (const peer of this.#byKey.values()) this.#remove(peer)
  }

  onchannel(peer: LinkedPeer, { channel }: Link): void {
    if (channel === 'rejected') {
      if (!peer.links.some(isOpen)) this.#carryByBest(peer)
      return
    }
    if (this.#chooses(peer)) this.#choose(peer)
  }

  onuse(peer: LinkedPeer, link: Link, n: number): void {
    if (this.#chooses(peer)) {
      if (n === peer.choice && link === peer.current) endOthers(peer)
      return
    }
    if (n <= peer.choice) return
    peer.choice = n
    this.#carryBy(peer, link)
    useStream(this.#context.extensions, link.stream, n)
  }

  /** Returns false when attaching failed, and reports why. Extensions detaches a stream that closes by itself. */
  #attach(peer: LinkedPeer, link: Link): boolean {
    const { store, extensions, onfault } = this.#context
    const { stream } = link
    let detach: (() => void) | null = null
    try {
      // First, and without ending the stream: it throws when another user has attached the stream.
      detach = extensions.attach(stream, peer, link)
      store.replicate(stream)
      if (stream.keepAlive === 0) stream.setKeepAlive(KEEP_ALIVE)
      return true
    } catch (error) {
      onfault(error)
      if (detach) stream.destroy() // the store was closed meanwhile
      detach?.()
      return false
    }
  }

  #add(peer: LinkedPeer): void {
    this.#byKey.set(toId(peer.remotePublicKey), peer)
    this.set.add(peer)
    this.#context.onadd(peer)
  }

  /** Whether we are the side that chooses among several streams. */
  #chooses({ remotePublicKey }: Peer): boolean {
    return Buffer.compare(this.#context.publicKey, remotePublicKey) > 0
  }

  #choose(peer: LinkedPeer): void {
    this.#carryByBest(peer)
    peer.choice = ++this.#choice
    useStream(this.#context.extensions, peer.stream, peer.choice)
  }

  #carryByBest(peer: LinkedPeer): void {
    const best = peer.best()
    if (best) this.#carryBy(peer, best)
  }

  #carryBy(peer: LinkedPeer, link: Link): void {
    const previous = peer.carryBy(link)
    if (!previous) return
    preferStream<Peer>(this.#context.extensions, peer, link.stream)
    this.#context.onstream(peer, previous)
  }

  #onclose(peer: LinkedPeer, link: Link): void {
    this.streams.delete(link.stream)
    peer.remove(link)
    if (peer.links.length === 0) this.#lost(peer, link.slot).catch(this.#context.onfault)
    else if (peer.current === link && this.#chooses(peer)) this.#choose(peer)
    else if (peer.current === link) this.#carryByBest(peer)
  }

  async #lost(peer: LinkedPeer, slot: TransportSlot): Promise<void> {
    const loss = ++peer.losses
    await new Promise((resolve) => setImmediate(resolve)) // a transport may replace the stream in this tick
    if (peer.links.length === 0 && this.#context.open()) await this.#failover(peer, slot)
    if (peer.links.length === 0 && peer.losses === loss) this.#remove(peer)
  }

  async #failover(peer: LinkedPeer, lost: TransportSlot): Promise<void> {
    const others = this.#context.slots.filter((slot) => slot !== lost && slot.canConnect)
    if (others.length === 0) return
    const signal = AbortSignal.any([this.#context.signal, AbortSignal.timeout(FAILOVER_TIMEOUT)])
    await Promise.all(others.map((slot) => this.#reach(peer, slot, signal)))
  }

  /** Tries until the signal aborts: the remote refuses us for as long as it has not noticed the loss itself. */
  async #reach(peer: LinkedPeer, slot: TransportSlot, signal: AbortSignal): Promise<void> {
    for (let delay = FAILOVER_DELAY; peer.links.length === 0 && !signal.aborted; delay *= 2) {
      try {
        return await slot.connect(peer.remotePublicKey, signal)
      } catch {
        await pause(delay, signal)
      }
    }
  }

  #remove(peer: LinkedPeer): void {
    if (!this.set.delete(peer)) return
    this.#byKey.delete(toId(peer.remotePublicKey))
    this.#context.onremove(peer)
  }
}

/**
 * Ends the links that were not chosen. A pending link stays: it is chosen if the remote opens our channel on it. Data
 * in flight still arrives, since the remote ends its own side in turn.
 */
function endOthers(peer: LinkedPeer): void {
  for (const link of peer.links) {
    if (link === peer.current || link.ending || link.channel === 'pending') continue
    link.ending = true
    const timer = setTimeout(() => link.stream.destroy(), END_TIMEOUT)
    link.stream.once('close', () => clearTimeout(timer))
    link.stream.end()
  }
}

function isOpen({ channel }: Link): boolean {
  return channel === 'open'
}

function isRejected({ channel }: Link): boolean {
  return channel === 'rejected'
}
