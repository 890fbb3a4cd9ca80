import type { TransportHost } from '@basestore/networker/transport'
import { type Connection, connectionTo, hex, infoOf, type PeerInfo, revive, type Swarm } from './swarm.js'

/** The most peers to remember. A new one replaces the oldest. */
const LIMIT = 256
/** Time between two looks for room (ms). No event tells us of peers that other transports lose. */
const LOOK_INTERVAL = 5_000

/**
 * The peers that the networker refused. They are dialled once it wants them: when another peer is lost, there is
 * room. Hyperswarm itself would come back to them at its next lookup, ten minutes later.
 */
export class Refusals {
  readonly #swarm: Swarm
  readonly #host: TransportHost
  readonly #offer: (connection: Connection) => void
  readonly #infos = new Map<string, PeerInfo>()
  #timer: NodeJS.Timeout | undefined
  #looking = false
  /** The peer that is dialled now. One at a time: more than there is room for would be refused again. */
  #dialled: Uint8Array | string = ''

  /** @param offer hands over a connection that stayed open, as it does in a swarm of the user's */
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
    this.#infos.delete(id) // so that it becomes the latest
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
    // Two turns later: the networker removes a peer one turn after its stream has closed.
    setImmediate(setImmediate, this.#look)
  }

  #ontick = (): void => {
    this.#dialled = '' // that dial takes too long to wait for
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

  /** Returns whether a dial has begun, which may take the free place. */
  #reach(info: PeerInfo): boolean {
    const { publicKey } = info
    const connection = connectionTo(this.#swarm, publicKey)
    if (connection?.destroying) return false // we look again when it has closed
    this.delete(publicKey)
    if (connection) this.#offer(connection) // Hyperswarm does not dial a connected peer
    const topics = info.topics.filter((topic) => this.#swarm.status(topic)?.isClient)
    this.#dialled = publicKey
    revive(infoOf(this.#swarm, publicKey))
    for (const topic of topics) this.#swarm._handlePeer(info, topic)
    return topics.length > 0 && !connection
  }
}
