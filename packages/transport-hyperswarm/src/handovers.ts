import type { TransportHost } from '@basestore/networker/transport'
import { type Connection, hex, type PeerInfo, type Swarm } from './swarm.js'

/** Hands the swarm's connections over to the networker, each once, or refuses them. */
export class Handovers {
  /** Called when a connection that was awaited opened, or closed before it did. */
  onsettle: () => void = noop
  readonly #swarm: Swarm
  readonly #host: TransportHost
  /** Whether a connection that nobody wants is ours to destroy. */
  readonly #owned: boolean
  readonly #handedOver = new WeakSet<Connection>()
  /** Accepted, but not open yet. */
  readonly #opening = new Set<Connection>()
  /** Handed over and not closed. */
  readonly #open = new Set<Connection>()
  #onempty: () => void = noop

  constructor(swarm: Swarm, host: TransportHost, owned: boolean) {
    this.#swarm = swarm
    this.#host = host
    this.#owned = owned
  }

  start(): void {
    this.#swarm.on('connection', this.#onconnection)
    for (const connection of this.#swarm.connections) this.offer(connection)
  }

  stop(): void {
    // A connection that comes while our own swarm stops still needs its error listener.
    if (!this.#owned) this.#swarm.removeListener('connection', this.#onconnection)
  }

  /** Resolves when all that was handed over has closed. */
  async closed(): Promise<void> {
    if (this.#open.size === 0) return
    await new Promise<void>((resolve) => {
      this.#onempty = resolve
    })
  }

  isOpening(connection: Connection): boolean {
    return this.#opening.has(connection)
  }

  isHandedOver(connection: Connection): boolean {
    return this.#handedOver.has(connection)
  }

  /** Hands a connection over unless that was done before. */
  offer(connection: Connection): void {
    const info = this.#swarm.peers.get(hex(connection.remotePublicKey))
    if (info && !connection.destroying) this.#onconnection(connection, info)
  }

  #onconnection = (connection: Connection, info: PeerInfo): void => {
    if (this.#handedOver.has(connection) || this.#opening.has(connection)) return
    if (this.#refused(connection, info)) return
    connection.on('error', noop) // a remote's reset ends the process when nobody listens
    if (connection.connected) this.#handOver(connection, info)
    else this.#whenOpen(connection, info)
  }

  // An inbound connection opens one tick after Hyperswarm tells of it.
  #whenOpen(connection: Connection, info: PeerInfo): void {
    const settle = () => {
      connection.removeListener('connect', settle)
      connection.removeListener('close', settle)
      this.#opening.delete(connection)
      if (connection.connected && !this.#refused(connection, info)) this.#handOver(connection, info)
      this.onsettle()
    }
    this.#opening.add(connection)
    connection.on('connect', settle)
    connection.on('close', settle)
  }

  #handOver(connection: Connection, info: PeerInfo): void {
    this.#handedOver.add(connection)
    this.#open.add(connection)
    connection.once('close', () => {
      this.#open.delete(connection)
      if (this.#open.size === 0) this.#onempty()
    })
    if (this.#owned) info.reconnect(true)
    const { remoteHost, remotePort } = connection.rawStream ?? {}
    this.#host.connected(connection, {
      type: 'udx',
      ...(remoteHost && { remoteAddress: `${remoteHost}:${remotePort}` }),
      ...(info.topics.length > 0 && { topics: [...info.topics] })
    })
  }

  #refused(connection: Connection, info: PeerInfo): boolean {
    if (connection.destroying) return true
    if (!this.#host.signal.aborted && this.#host.wants(connection.remotePublicKey)) return false
    if (this.#owned) {
      info.reconnect(false)
      connection.on('error', noop)
      connection.destroy()
    }
    return true
  }
}

function noop(): void {}
