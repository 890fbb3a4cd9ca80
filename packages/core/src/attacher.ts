import type { Extensions } from '@basestore/extensions'
import { attachStream, encodeHello, type Protocols } from '@basestore/extensions/internal'
import type { PeerLink } from './linked-peer.js'
import type { Peer } from './peer.js'
import type { Store } from './store.js'

/** Interval of keep-alive frames (ms). Hypercore sets the same on streams that it makes itself. */
const KEEP_ALIVE = 5_000

export interface AttacherContext {
  readonly store: Store
  readonly extensions: Extensions<Peer>
  readonly protocols: Protocols<Peer>
  /** The networker's: it names this run of the program. */
  readonly id: Uint8Array
  onfault(error: unknown): void
}

/** Puts replication and our channel on streams. */
export class Attacher {
  readonly #context: AttacherContext

  constructor(context: AttacherContext) {
    this.#context = context
  }

  /** Returns false when attaching failed, and reports why. Extensions detaches a stream that closes by itself. */
  attach(link: PeerLink): boolean {
    const { store, extensions, protocols, onfault } = this.#context
    const { stream } = link
    try {
      // First, and without ending the stream: it throws when another user has attached the stream.
      link.channel = attachStream(extensions, stream, link)
      protocols.attach(stream)
      store.replicate(stream)
      if (stream.keepAlive === 0) stream.setKeepAlive(KEEP_ALIVE)
      return true
    } catch (error) {
      onfault(error)
      if (link.channel) stream.destroy() // the store was closed meanwhile
      link.channel?.detach()
      protocols.leave(stream)
      return false
    }
  }

  /** Makes the link one of its peer's. The remote is told first that it was heard, before anything that the app sends. */
  join(link: PeerLink): void {
    if (link.state === 'open') {
      link.channel.answer(this.#hello(link))
      link.channel.tell('here')
    }
    link.channel.join(link.peer)
  }

  /** Tells extensions and protocols what is open on a link whose peer the app was told of. */
  tell({ channel, stream, peer }: PeerLink): void {
    channel.updateAll()
    this.#context.protocols.join(stream, peer)
  }

  /** Takes the link from its peer. */
  leave({ channel, stream }: PeerLink): void {
    channel.leave()
    this.#context.protocols.leave(stream)
  }

  /** Our hello; null on a link on which we wait for the remote's. */
  handshakeOf(link: PeerLink): Uint8Array | null {
    const { peer, state, stream } = link
    // While two programs share a key, the one that is not our peer is refused before it adds us.
    const waits = state === 'unheard' && peer.isDuplicated && peer.isUp && !stream.isInitiator
    return waits ? null : this.#hello(link)
  }

  #hello({ peer }: PeerLink): Uint8Array {
    return encodeHello({ run: this.#context.id, life: peer.life })
  }
}
