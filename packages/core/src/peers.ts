import type { Extensions } from '@basestore/extensions'
import type { StreamInfo } from './contract.js'
import { toId } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { Link, type LinkedPeer, type Peer } from './peer.js'
import type { Store } from './store.js'
import type { TransportSlot } from './transport-slot.js'
import { pause, settledWithin } from './wait.js'

/** How long a link that lost against another one may take to hand over what is in flight, in milliseconds. */
const END_TIMEOUT = 5_000
/** How long the other transports may take to reach a peer whose last link was lost, in milliseconds. */
const FAILOVER_TIMEOUT = 2_000
/** The first pause between two attempts at that, in milliseconds; each further one is twice as long. */
const FAILOVER_DELAY = 50
/** What Hypercore sets on a stream that it makes itself, in milliseconds. */
const KEEP_ALIVE = 5_000

export interface PeersOptions {
  readonly store: Store
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
 * Two streams to one peer happen. Both sides attach both, and only the side with the greater public key chooses:
 * it tells its choice on the chosen stream, the other side follows and answers there, and only then are the rest
 * ended, by the side that chose. So there is never none, however choices and arrivals cross (docs/wire.md).
 */
export class Peers {
  readonly set = new Set<Peer>()
  readonly streams = new Set<NoiseStream>()
  readonly #options: PeersOptions
  readonly #byKey = new Map<string, LinkedPeer>()
  /** Rises with every choice. It begins with the clock, so that it also rises across restarts. */
  #choice = Date.now()

  constructor(options: PeersOptions) {
    this.#options = options
  }

  get(remotePublicKey: Uint8Array): LinkedPeer | undefined {
    return this.#byKey.get(toId(remotePublicKey))
  }

  /** Attaches replication and extensions to an admitted stream, in the tick in which it arrives. */
  add(stream: NoiseStream, info: StreamInfo, slot: TransportSlot): void {
    const known = this.get(stream.remotePublicKey)
    const link = new Link(this, known, { stream, info, slot })
    const { peer } = link
    if (!this.#attach(link)) return

    peer.add(link)
    this.streams.add(stream)
    stream.on('close', () => this.#onclose(link)) // once() would keep more, and it comes once
    if (!known) this.#add(peer)
    else if (peer.current.stream.destroying || peer.links.some(isRejected)) this.#carryByBest(peer)
  }

  /** Returns false when that failed, and tells why. Who closes is detached without us. */
  #attach(link: Link): boolean {
    const { store, extensions, onfault } = this.#options
    const { stream } = link
    let detach: (() => void) | null = null
    try {
      // First, and without ending the stream: it throws when somebody else has attached it.
      detach = extensions.attach(stream, link.peer, link)
      store.replicate(stream)
      if (stream.keepAlive === 0) stream.setKeepAlive(KEEP_ALIVE)
      return true
    } catch (error) {
      onfault(error)
      if (detach) stream.destroy() // the store was closed under us
      detach?.()
      return false
    }
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

  /** Removes the peers that are left, whose streams have closed. */
  removeAll(): void {
    for (const peer of this.#byKey.values()) this.#remove(peer)
  }

  #add(peer: LinkedPeer): void {
    this.#byKey.set(toId(peer.remotePublicKey), peer)
    this.set.add(peer)
    this.#options.onadd(peer)
  }

  onchannel({ peer, channel }: Link): void {
    if (channel === 'rejected') {
      if (!peer.links.some(isOpen)) this.#carryByBest(peer)
      return
    }
    if (this.#chooses(peer)) this.#choose(peer)
  }

  #choose(peer: LinkedPeer): void {
    this.#carryByBest(peer)
    peer.choice = ++this.#choice
    this.#options.extensions.use(peer.stream, peer.choice)
  }

  onuse(link: Link, n: number): void {
    const { peer } = link
    if (this.#chooses(peer)) {
      if (n === peer.choice && link === peer.current) endOthers(peer)
      return
    }
    if (n <= peer.choice) return
    peer.choice = n
    this.#carryBy(peer, link)
    this.#options.extensions.use(link.stream, n)
  }

  #chooses({ remotePublicKey }: Peer): boolean {
    return Buffer.compare(this.#options.publicKey, remotePublicKey) > 0
  }

  #carryByBest(peer: LinkedPeer): void {
    const best = peer.best()
    if (best) this.#carryBy(peer, best)
  }

  #carryBy(peer: LinkedPeer, link: Link): void {
    const previous = peer.carryBy(link)
    if (!previous) return
    this.#options.extensions.prefer(peer, link.stream)
    this.#options.onstream(peer, previous)
  }

  #onclose(link: Link): void {
    const { peer } = link
    this.streams.delete(link.stream)
    peer.remove(link)
    if (peer.links.length === 0) this.#lost(peer, link.slot).catch(this.#options.onfault)
    else if (peer.current === link && this.#chooses(peer)) this.#choose(peer)
    else if (peer.current === link) this.#carryByBest(peer)
  }

  async #lost(peer: LinkedPeer, slot: TransportSlot): Promise<void> {
    const loss = ++peer.losses
    await new Promise((resolve) => setImmediate(resolve)) // a transport may replace the stream in this tick
    if (peer.links.length === 0 && this.#options.open()) await this.#failover(peer, slot)
    if (peer.links.length === 0 && peer.losses === loss) this.#remove(peer)
  }

  async #failover(peer: LinkedPeer, lost: TransportSlot): Promise<void> {
    const others = this.#options.slots.filter((slot) => slot !== lost && slot.canConnect)
    if (others.length === 0) return
    const signal = AbortSignal.any([this.#options.signal, AbortSignal.timeout(FAILOVER_TIMEOUT)])
    await Promise.all(others.map((slot) => this.#reach(peer, slot, signal)))
  }

  /** Tries again for a while: the remote refuses us as long as it has not noticed the loss itself. */
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
    this.#options.onremove(peer)
  }
}

/**
 * Ends the links that lost. A pending one may yet win, when the remote opens our channel on it. What is in flight
 * still arrives: the remote ends its side in turn.
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
