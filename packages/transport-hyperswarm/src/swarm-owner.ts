import type { KeyPair } from '@basestore/networker/transport'
import Hyperswarm from 'hyperswarm'
import { within } from './deadline.js'
import { onDht } from './dht-events.js'
import { check, type HyperswarmOptions, MAX_PARALLEL } from './options.js'
import { closed, type Dht, hasNodes, noop, type Swarm } from './swarm.js'

/** Time for connections and sockets to close (ms). Past it we stop all the same. */
const DESTROY_BOUND = 1_500

/** Makes the swarm, and takes it down. A swarm or a DHT that was passed in stays up. */
export class SwarmOwner {
  readonly swarm: Swarm
  /** Whether the swarm is ours. */
  readonly owned: boolean
  readonly #ownsDht: boolean
  /** Take Hyperswarm's listeners off a DHT that was passed in. */
  #unlistenDht: (() => void)[] = []

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
    if (dht) this.#unlistenDht = shareListeners(this.swarm.dht)
  }

  /** Whether our DHT has met no node yet: then no node holds an announcement of ours. */
  get alone(): boolean {
    return this.#ownsDht && !hasNodes(this.swarm)
  }

  /** Ends all dials, and begins no others. */
  quiesce(): void {
    if (!this.owned) return
    // Otherwise Hyperswarm would dial the next peer in its queue for each dial that ends.
    this.swarm.maxParallel = 0
    for (const connection of this.swarm._allConnections) {
      if (!this.swarm.connections.has(connection)) connection.destroy()
    }
  }

  /** Resumes a swarm or a DHT that was passed in. */
  async wake(): Promise<void> {
    if (!this.owned) await this.swarm.resume()
    else if (!this.#ownsDht) await this.swarm.dht.resume?.()
  }

  /** Resolves when no peer can reach us any more. */
  async unlisten(): Promise<void> {
    const { server, listening, suspended } = this.swarm
    // A suspended DHT has unannounced already, and would wait 4 s for answers that cannot come.
    if (!this.owned || (suspended && this.#ownsDht)) return
    // A server that closes while it begins to listen would stay in @hyperswarm/dht's list for ever.
    await listening?.catch(noop)
    await server.close()
  }

  /** @param force true when closing the server took too long, or would take too long */
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
      for (const unlisten of this.#unlistenDht) unlisten()
      // Hyperswarm would destroy the DHT too.
      swarm.dht = Object.create(dht, { destroy: { value: async () => {} } }) as Dht
    }
    const done = swarm.destroy({ force })
    // Even when forced, Hyperswarm waits for its server, and the server for requests that only this ends.
    if (force) swarm.dht.destroy({ force }).catch(noop)
    await within(DESTROY_BOUND, done)
  }
}

/**
 * Puts the latest listeners of a DHT, which are those of the Hyperswarm that was just made, behind the one that all
 * our swarms share. Hyperswarm never removes them.
 */
function shareListeners(dht: Dht): (() => void)[] {
  return (['network-change', 'network-update'] as const).map((event) => {
    const listener = dht.listeners(event).at(-1)!
    dht.removeListener(event, listener)
    return onDht(dht, event, listener)
  })
}
