import { Extensions, type NetworkerError } from '@basestore/extensions'
import { Admission } from './admission.js'
import type { KeyPair } from './contract.js'
import type { NetworkerEvents } from './events.js'
import { FindingPeers } from './finding-peers.js'
import { Lifecycle } from './lifecycle.js'
import { noop } from './noop.js'
import { Online } from './online.js'
import { type NetworkerOptions, readOptions } from './options.js'
import type { Peer } from './peer.js'
import { Peers } from './peers.js'
import type { Store } from './store.js'
import { Topics, type TopicsContext } from './topics.js'
import { Transports } from './transports.js'
import { whenAborted } from './wait.js'

/** Time for the remotes to end their side when we close or suspend (ms). Then their streams are destroyed. */
const END_TIMEOUT = 1_000

/** Emits an event of the networker. It does not throw. */
type Tell = <E extends keyof NetworkerEvents>(event: E, ...args: NetworkerEvents[E]) => void

/** What a networker is made of, put together. */
export class Parts {
  readonly id: Uint8Array
  readonly keyPair: KeyPair
  readonly lifecycle: Lifecycle
  readonly transports: Transports
  readonly online: Online
  readonly extensions: Extensions<Peer>
  readonly peers: Peers
  readonly admission: Admission
  readonly topics: Topics
  /** Whether a fault that no listener hears is written to stderr. */
  readonly warn: boolean
  readonly #stopping = new AbortController()

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(store: Store, options: NetworkerOptions, tell: Tell) {
    const { id, keyPair, transports, firewall, maxPeers, warn } = readOptions(store, options)
    const onfault = (error: unknown) => tell('fault', error)
    this.warn = warn
    const { signal } = this.#stopping
    const context = { signal, onfault, open: () => this.lifecycle.isOpen }
    whenAborted(signal, noop) // one listener stays for good: without it, each dial would add and remove its own

    this.id = id
    this.keyPair = keyPair
    this.lifecycle = this.#createLifecycle(store)
    this.transports = new Transports(transports, onfault, () => this.online.update())
    this.online = new Online({
      slots: this.transports.slots,
      open: context.open,
      onchange: (state) => tell('online-change', state)
    })
    this.extensions = new Extensions<Peer>({ onfault })
    this.peers = new Peers({
      ...context,
      store,
      publicKey: keyPair.publicKey,
      extensions: this.extensions,
      slots: this.transports.slots,
      onadd: (peer) => tell('peer-add', peer),
      onremove: (peer) => tell('peer-remove', peer),
      onstream: (peer, previous) => tell('peer-stream', peer, previous)
    })
    this.admission = new Admission({ ...context, keyPair, firewall, maxPeers, peers: this.peers })
    this.topics = new Topics(this.#topicsContext(store, tell))
  }

  /** Aborted when closing begins. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  #createLifecycle(store: Store): Lifecycle {
    return new Lifecycle({
      store,
      start: () => this.transports.start((slot) => this.admission.hostFor(slot)),
      suspend: () => this.#suspend(),
      resume: () => this.transports.resume(),
      onresumed: () => this.#onresumed(),
      close: (reason) => this.#close(reason)
    })
  }

  #topicsContext(store: Store, tell: Tell): TopicsContext {
    const lifecycle = this.lifecycle
    return {
      slots: this.transports.slots,
      finding: new FindingPeers(store),
      streams: this.peers.streams,
      get suspended() {
        return lifecycle.isSuspended
      },
      listen: () => lifecycle.listen(),
      onfault: (error) => tell('fault', error),
      decided: async () => void (await this.admission.decided()),
      onjoined: ({ key }) => tell('joined', Buffer.from(key)),
      onflushed: ({ key }) => tell('flushed', Buffer.from(key))
    }
  }

  async #suspend(): Promise<void> {
    this.online.update()
    this.admission.refuseAll()
    const left = this.topics.suspend()
    await this.peers.endAll(END_TIMEOUT)
    this.peers.removeAll()
    await Promise.all([left, this.transports.suspend()])
  }

  #onresumed(): void {
    this.online.update()
    this.topics.resume()
  }

  async #close(reason: NetworkerError): Promise<void> {
    this.#stopping.abort(reason)
    this.online.update()
    this.topics.close(reason)
    this.admission.refuseAll()
    const stopped = this.transports.stop()
    await Promise.allSettled([this.peers.endAll(END_TIMEOUT), stopped])
    this.peers.removeAll()
    this.extensions.destroy()
    await stopped
  }
}
