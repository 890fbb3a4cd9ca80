import type { KeyPair } from '@basestore/networker/transport'
import Hyperswarm from 'hyperswarm'
import { within } from './deadline.js'
import { check, type HyperswarmOptions, MAX_PARALLEL } from './options.js'
import { closed, type Dht, type DhtEvent, hasNodes, noop, type Swarm } from './swarm.js'

/** Milliseconds for connections and sockets to close once they are told to. */
const DESTROY_BOUND = 1_500

/** Makes the swarm, and takes down what was made and no more: not a swarm or a DHT that was passed in. */
export class SwarmOwner {
  readonly swarm: Swarm
  /** Whether the swarm is ours. */
  readonly owned: boolean
  readonly #ownsDht: boolean
  readonly #dhtListeners: (readonly [DhtEvent, () => void])[] = []

  /** @throws NetworkerError `INVALID_OPTION` when the swarm that was passed in has another key pair */
  constructor({ swarm, dht, ...options }: HyperswarmOptions, keyPair: KeyPair) {
    this.owned = !swarm
    this.#ownsDht = this.owned && !dht
    if (swarm) {
      check(
        Buffer.compare(swarm.keyPair.publicKey, keyPair.publicKey) === 0,
        'swarm has another key pair; pass new Networker(store, { keyPair: swarm.keyPair })'
      )
      this.swarm = swarm as unknown as Swarm
      return
    }
    this.swarm = new Hyperswarm({
      maxParallel: MAX_PARALLEL,
      ...options,
      ...(dht && { dht }),
      keyPair
    }) as unknown as Swarm
    // The latest ones are Hyperswarm's, which never stops listening.
    this.#dhtListeners = (['network-change', 'network-update'] as const).map((event) => [
      event,
      this.swarm.dht.listeners(event).at(-1)!
    ])
  }

  /** Whether our DHT has met no node yet, so that nobody holds an announcement of ours. */
  get alone(): boolean {
    return this.#ownsDht && !hasNodes(this.swarm)
  }

  /** Dials nobody any more. */
  quiesce(): void {
    if (!this.owned) return
    // Hyperswarm would take the next peer from its queue for each dial that ends.
    this.swarm.maxParallel = 0
    for (const connection of this.swarm._allConnections) {
      if (!this.swarm.connections.has(connection)) connection.destroy()
    }
  }

  /** Resumes what is not ours. */
  async wake(): Promise<void> {
    if (!this.owned) await this.swarm.resume()
    else if (!this.#ownsDht) await this.swarm.dht.resume?.()
  }

  /** Resolves when no peer can reach us any more. */
  async unlisten(): Promise<void> {
    const { server, listening, suspended } = this.swarm
    // Suspended, it has unannounced, and would wait 4 s for answers that cannot come.
    if (!this.owned || (suspended && this.#ownsDht)) return
    // @hyperswarm/dht lists a server that closed while it began to listen for ever.
    await listening?.catch(noop)
    await server.close()
  }

  /** @param force true when closing the server took too long, or would */
  async destroy(force: boolean): Promise<void> {
    if (!this.owned) return
    const { swarm } = this
    const destroyed = [...swarm._allConnections].map((connection) => {
      connection.destroy()
      return closed(connection)
    })
    await within(DESTROY_BOUND, Promise.all(destroyed))
    if (!this.#ownsDht) {
      await within(DESTROY_BOUND, swarm.clear())
      const { dht } = swarm
      for (const [event, listener] of this.#dhtListeners) dht.removeListener(event, listener)
      // Hyperswarm destroys also a DHT that it was given.
      swarm.dht = Object.create(dht, { destroy: { value: async () => {} } }) as Dht
    }
    const done = swarm.destroy({ force })
    // Even forced, Hyperswarm waits for its server, and the server for requests that only this ends.
    if (force) swarm.dht.destroy({ force }).catch(noop)
    await within(DESTROY_BOUND, done)
  }
}
