import { NetworkerError } from '@basestore/extensions'
import type { Admission } from './admission.js'
import type { Observer } from './explain/observer.js'
import type { Lifecycle } from './lifecycle.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'
import type { Redials } from './redials.js'
import type { Transports } from './transports.js'
import { abortable, either } from './wait.js'

interface ConnectorContext {
  readonly lifecycle: Lifecycle
  readonly transports: Transports
  readonly peers: Peers
  readonly admission: Admission
  readonly redials: Redials
  readonly observer: Observer
  /** Aborted when closing begins. */
  readonly stopping: AbortSignal
}

/** Connects and disconnects single peers, by their keys. */
export class Connector {
  readonly #context: ConnectorContext

  constructor(context: ConnectorContext) {
    this.#context = context
  }

  /**
   * Dials a peer at once, also one that has refused us. With `lasting` it keeps dialling until the peer is connected,
   * and again after each loss.
   */
  async connect(key: Buffer, signal: AbortSignal | undefined, lasting: boolean): Promise<Peer> {
    const { lifecycle, redials, stopping } = this.#context
    await abortable(lifecycle.listen(), signal)
    lifecycle.assertOpen()
    if (!lasting) {
      if (lifecycle.isSuspended) throw suspended()
      redials.allow(key)
      return this.dial(key, either(signal, stopping))
    }
    redials.keep(key)
    return this.#context.peers.connected(key) ?? redials.connected(key, signal)
  }

  /** Dials a peer once. */
  dial(key: Buffer, signal: AbortSignal): Promise<Peer> {
    const { transports, peers, admission, redials, observer } = this.#context
    return transports.connect(key, signal, {
      find: () => peers.connected(key),
      decided: () => admission.decided(key),
      failed: (transport, since, error) => observer.connectFailed(transport, key, since, error),
      refusal: () => redials.reasonOf(key)
    })
  }

  /** Ends the peer's streams, and dials it no more. */
  disconnect(key: Buffer, ban: number): void {
    const { admission, peers, redials } = this.#context
    redials.forget(key)
    if (ban > 0) admission.ban(key, ban)
    peers.end(key, ban > 0 ? 'refused' : 'closing')
  }
}

function suspended(): NetworkerError {
  return new NetworkerError('CONNECT_FAILED', 'the networker is suspended; await resume() first')
}
