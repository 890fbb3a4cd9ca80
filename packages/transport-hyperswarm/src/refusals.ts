import type { TransportHost } from '@basestore/networker/transport'
import { type Connection, connectionTo, hex, infoOf, type PeerInfo, revive, type Swarm } from './swarm.js'

/** How many are remembered, the latest. */
const LIMIT = 256
/** Milliseconds between two looks, since nobody tells us what other transports lose. */
const LOOK_INTERVAL = 5_000

/**
 * The peers that nobody wanted, which are dialled once they are wanted: when another one is lost, there is room.
 * Hyperswarm would not come back to them before its next lookup, ten minutes later.
 */
export class Refusals {
  readonly #swarm: Swarm
  readonly #host: TransportHost
  readonly #offer: (connection: Connection) => void
  readonly #infos = new Map<string, PeerInfo>()
  #timer: NodeJS.Timeout | undefined
  #looking = false
  /** Dialled one by one: those that there is no room for would be refused again. */
  #dialled: Uint8Array | string = ''

  /** @param offer takes a connection that is still there, since the swarm is not ours */
  constructor(swarm: Swarm, host: TransportHost, offer: (connection: Connection) => void) {
    this.#swarm = swarm
    this.#host = host
    this.#offer = offer
  }

  add(info: PeerInfo): void {
    if (this.#host.signal.aborted) return
    if (!this.#infos.size) {
      this.#swarm.on('update', this.#onupdate)
      this.#timer = setInterval(this.#ontick, LOOK_INTERVAL).unref()
    }
    const id = hex(info.publicKey)
    this.#infos.delete(id) // to the end of the line
    this.#infos.set(id, info)
    if (this.#infos.size > LIMIT) this.#infos.delete(this.#infos.keys().next().value!)
  }

  delete(key: Uint8Array): void {
    this.#infos.delete(hex(key))
    if (!this.#infos.size) this.clear()
  }

  clear(): void {
    this.#infos.clear()
    clearInterval(this.#timer)
    this.#swarm.removeListener('update', this.#onupdate)
  }

  #onupdate = (): void => {
    if (this.#looking) return
    this.#looking = true
    // The networker removes a peer one turn after its stream has closed.
    setImmediate(setImmediate, this.#look)
  }

  #ontick = (): void => {
    this.#dialled = '' // that one takes long
    this.#look()
  }

  #look = (): void => {
    this.#looking = false
    const dial = connectionTo(this.#swarm, this.#dialled)
    if (dial && !this.#swarm.connections.has(dial)) return
    for (const info of this.#infos.values()) {
      if (this.#host.wants(info.publicKey) && this.#reach(info)) return
    }
  }

  /** Whether its dial has begun, which may take the place. */
  #reach(info: PeerInfo): boolean {
    const { publicKey } = info
    const connection = connectionTo(this.#swarm, publicKey)
    if (connection?.destroying) return false // its close leads to the next look
    this.delete(publicKey)
    if (connection) this.#offer(connection) // and Hyperswarm passes over it
    const topics = info.topics.filter((topic) => this.#swarm.status(topic)?.isClient)
    this.#dialled = publicKey
    revive(infoOf(this.#swarm, publicKey))
    for (const topic of topics) this.#swarm._handlePeer(info, topic)
    return topics.length > 0 && !connection
  }
}
