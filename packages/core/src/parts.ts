import { Extensions, type NetworkerError } from '@basestore/extensions'
import { type ByeReason, Protocols } from '@basestore/extensions/internal'
import { Admission } from './admission.js'
import { Connector } from './connector.js'
import type { KeyPair } from './contract.js'
import { Explainer } from './explain/explainer.js'
import { Observer } from './explain/observer.js'
import { Stats } from './explain/stats.js'
import { FindingPeers } from './finding-peers.js'
import { discreet } from './inspect.js'
import { Lifecycle } from './lifecycle.js'
import type { PeerLink } from './linked-peer.js'
import type { NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import { Online } from './online.js'
import { type NetworkerOptions, readOptions } from './options.js'
import type { Peer } from './peer.js'
import { Peers } from './peers.js'
import { Redials } from './redials.js'
import { isRefused } from './refusal.js'
import type { Store } from './store.js'
import type { Tell } from './teller.js'
import { Topics, type TopicsContext } from './topics.js'
import { Transports } from './transports.js'
import { settledWithin, whenAborted } from './wait.js'

/** Time for the remotes to end their side when we close or suspend (ms). Then their streams are destroyed. */
const END_TIMEOUT = 1_000

/** Time for which a flush waits for the peers that were found to admit us (ms). */
const GREETING_TIMEOUT = 2_000

/** What a networker is made of, put together. */
export class Parts {
  readonly store: Store
  readonly id: Uint8Array
  readonly keyPair: KeyPair
  readonly lifecycle: Lifecycle
  readonly transports: Transports
  readonly online: Online
  readonly observer: Observer
  readonly explainer: Explainer
  readonly stats: Stats
  readonly extensions: Extensions<Peer>
  readonly protocols: Protocols<Peer>
  readonly redials: Redials
  readonly peers: Peers
  readonly connector: Connector
  readonly admission: Admission
  readonly topics: Topics
  /** Whether a fault that no listener hears is written to stderr. */
  readonly warn: boolean
  readonly #stopping = new AbortController()

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(store: Store, options: NetworkerOptions, tell: Tell) {
    const { id, keyPair, transports, firewall, maxPeers, warn } = readOptions(store, options)
    const onfault = (error: unknown) => {
      this.observer.fault(error)
      tell('fault', error)
    }
    this.warn = warn
    const { signal } = this.#stopping
    const context = { signal, onfault }
    whenAborted(signal, noop) // one listener stays for good: without it, each dial would add and remove its own

    this.store = store
    this.id = id
    this.keyPair = keyPair
    this.lifecycle = this.#createLifecycle(store)
    this.observer = this.#createObserver()
    this.transports = new Transports(transports, onfault, () => this.online.update())
    this.online = this.#createOnline(tell)
    this.extensions = new Extensions<Peer>({ onfault })
    this.protocols = new Protocols<Peer>({ carrierOf: ({ stream }) => stream, fault: onfault })
    this.connector = new Connector(this)
    this.redials = this.#createRedials(signal)
    this.peers = new Peers({
      ...context,
      ...this.#peerEvents(tell),
      id,
      store,
      publicKey: keyPair.publicKey,
      extensions: this.extensions,
      protocols: this.protocols,
      slots: this.transports.slots,
      open: () => this.lifecycle.isOpen
    })
    this.admission = new Admission({
      ...context,
      closed: () => this.#closed(),
      firewall,
      keyPair: discreet(keyPair),
      maxPeers,
      observer: this.observer,
      peers: this.peers,
      redials: this.redials
    })
    this.topics = new Topics(this.#topicsContext(store, tell, onfault))
    this.explainer = new Explainer(this)
    this.stats = new Stats(this)
  }

  /** Aborted when closing begins. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  #createObserver(): Observer {
    return new Observer({
      publicKey: this.keyPair.publicKey,
      isConnected: (key) => this.peers.connected(key) !== undefined,
      topic: (key) => this.topics.get(key),
      closed: () => this.#closed()
    })
  }

  #createOnline(tell: Tell): Online {
    return new Online({
      slots: this.transports.slots,
      open: () => this.lifecycle.isOpen,
      onchange: (state) => tell('online-change', state)
    })
  }

  #createRedials(signal: AbortSignal): Redials {
    return new Redials({
      dial: (key, ended) => {
        this.observer.counters.redials++
        return this.connector.dial(key, AbortSignal.any([ended, signal]))
      },
      looksUp: (topics) => topics.some((topic) => this.topics.get(topic)?.mode?.lookup)
    })
  }

  #peerEvents(tell: Tell) {
    return {
      onadd: (peer: Peer) => {
        this.redials.onadd(peer)
        this.observer.added(peer)
        tell('peer-add', peer)
      },
      onremove: (peer: Peer) => {
        this.redials.onremove(peer)
        this.observer.removed(peer)
        tell('peer-remove', peer)
      },
      onarrival: (link: PeerLink) => {
        this.observer.arrived(link)
        tell('stream', link.stream)
      },
      onstream: (peer: Peer, previous: NoiseStream) => tell('peer-stream', peer, previous),
      onleft: (link: PeerLink) => {
        this.observer.left(link)
        if (isRefused(link)) this.redials.onrefused(link)
      }
    }
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

  #topicsContext(store: Store, tell: Tell, onfault: (error: unknown) => void): TopicsContext {
    const lifecycle = this.lifecycle
    return {
      slots: this.transports.slots,
      finding: new FindingPeers(store),
      streams: this.peers.streams,
      get suspended() {
        return lifecycle.isSuspended
      },
      listen: () => lifecycle.listen(),
      onfault,
      decided: () => this.#decided(),
      onjoined: (topic) => {
        this.observer.topic(topic, 'joined')
        tell('joined', Buffer.from(topic.key))
      },
      onflushed: (topic) => {
        this.observer.topic(topic, 'flushed')
        tell('flushed', Buffer.from(topic.key))
      }
    }
  }

  /** Why nobody may be admitted now. */
  #closed(): ByeReason | null {
    if (this.lifecycle.isOpen) return null
    return this.lifecycle.isSuspended ? 'suspended' : 'closing'
  }

  async #decided(): Promise<void> {
    const decided = this.admission.decided()
    if (decided) await settledWithin(decided, GREETING_TIMEOUT)
  }

  async #suspend(): Promise<void> {
    this.online.update()
    const refused = this.admission.refuseAll('suspended')
    this.redials.suspend()
    const left = this.topics.suspend()
    await Promise.all([this.peers.endAll('suspended', END_TIMEOUT), refused])
    this.peers.removeAll()
    await Promise.all([left, this.transports.suspend()])
  }

  #onresumed(): void {
    this.online.update()
    this.topics.resume()
    this.redials.resume()
  }

  async #close(reason: NetworkerError): Promise<void> {
    this.#stopping.abort(reason)
    this.online.update()
    this.topics.close(reason)
    this.redials.close(reason)
    const refused = this.admission.refuseAll('closing')
    const stopped = this.transports.stop()
    await Promise.allSettled([this.peers.endAll('closing', END_TIMEOUT), refused, stopped])
    this.peers.removeAll()
    this.extensions.destroy(reason)
    this.protocols.destroy()
    await stopped
  }
}
