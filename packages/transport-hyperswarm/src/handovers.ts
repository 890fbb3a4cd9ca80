import type { TransportHost } from '@basestore/networker/transport'
import { within } from './deadline.js'
import { Refusals } from './refusals.js'
import { type Connection, closed, dial, infoOf, noop, type PeerInfo, type Swarm } from './swarm.js'

/** Time within which the remote must be heard (ms). Past it the connection counts as lost. UDX waits 13 s or more. */
export const HEARD_BOUND = 2_000
/** Dials in a row to a peer that is not heard. After them Hyperswarm dials it again, with its own delays. */
const DIALS = 4

/** Hands the swarm's connections over to the networker, each once, or refuses them. */
export class Handovers {
  /** Called when a connection that was opening is open, or has closed. */
  onchange: () => void = noop
  readonly #swarm: Swarm
  readonly #host: TransportHost
  /** Whether the swarm is ours. If so, connections that the networker refuses are destroyed. */
  readonly #owned: boolean
  /** Connections that we do not know to be open at both ends yet. */
  readonly #opening = new Set<Connection>()
  /** Dials in a row to each peer that was not heard. */
  readonly #unheard = new WeakMap<PeerInfo, number>()
  /** Connections that are handed over and not closed. */
  readonly #open = new Set<Connection>()
  readonly #refusals: Refusals

  constructor(swarm: Swarm, host: TransportHost, owned: boolean) {
    this.#swarm = swarm
    this.#host = host
    this.#owned = owned
    this.#refusals = new Refusals(swarm, host, (connection) => this.offer(connection))
  }

  start(): void {
    if (this.#owned) this.#askBeforeDials()
    this.#swarm.on('connection', this.#onconnection)
    for (const connection of this.#swarm.connections) this.offer(connection)
  }

  /** Forgets the peers that were refused, and so dials none of them again. */
  forget(): void {
    this.#refusals.clear()
  }

  stop(): void {
    this.forget()
    // A connection that comes while our own swarm stops still needs its error listener.
    if (!this.#owned) this.#swarm.removeListener('connection', this.#onconnection)
  }

  /** Resolves when all connections that were handed over have closed. */
  async closed(): Promise<void> {
    await Promise.all([...this.#open].map(closed))
  }

  wants(key: Uint8Array): boolean {
    return this.#host.wants(key)
  }

  isOpening(connection: Connection): boolean {
    return this.#opening.has(connection)
  }

  /** Hands a connection over unless that was done before. Returns whether it is handed over now. */
  offer(connection: Connection): boolean {
    const info = infoOf(this.#swarm, connection.remotePublicKey)
    const open = this.#swarm.connections.has(connection) && !connection.destroying
    if (info && open) this.#onconnection(connection, info)
    return this.#open.has(connection)
  }

  /** Has Hyperswarm dial nobody whom the networker does not want. It comes back to them when it does. */
  #askBeforeDials(): void {
    const swarm = this.#swarm
    const connect = swarm._connect.bind(swarm)
    swarm._connect = (info, queued) => {
      if (this.#host.wants(info.publicKey)) return connect(info, queued)
      this.#refusals.add(info)
      if (queued) swarm._flushMaybe(info)
    }
  }

  #onconnection = (connection: Connection, info: PeerInfo): void => {
    if (this.#open.has(connection) || this.#opening.has(connection)) return
    // A connection that is not open yet cannot carry the reason for which it is refused.
    if ((connection.connected || this.#host.signal.aborted) && this.#refuse(connection, info)) return
    connection.on('error', noop) // without a listener, a remote's reset would end the process
    if (connection.connected && !isUnheard(connection)) this.#handOver(connection, info)
    else this.#whenHeard(connection, info)
  }

  // HyperDHT opens our end even when the remote has dropped its own meanwhile.
  async #whenHeard(connection: Connection, info: PeerInfo): Promise<void> {
    this.#opening.add(connection)
    // Hyperswarm tells of an inbound connection before it is open. To read earlier would take handshake frames.
    await connection.opened
    if (isUnheard(connection)) {
      const { rawStream } = connection
      let onheard: () => void = noop
      const heard = new Promise<void>((resolve) => {
        onheard = resolve
      })
      rawStream?.on('data', onheard)
      connection.on('close', onheard)
      await within(HEARD_BOUND, heard)
      // One more turn: packets are read that came in time, while this process was busy.
      await new Promise(setImmediate)
      rawStream?.removeListener('data', onheard)
      connection.removeListener('close', onheard)
    }
    this.#opening.delete(connection)
    this.#tellLoss(connection)
    if (isUnheard(connection)) {
      if (connection.isInitiator) connection.once('close', () => this.#dialAgain(info))
      connection.destroy()
    }
    if (!this.#refuse(connection, info)) this.#handOver(connection, info)
    this.onchange()
  }

  /** A dial that opened here alone has failed. Otherwise the networker sees how it goes on. */
  #tellLoss(connection: Connection): void {
    const { destroying, isInitiator, remotePublicKey } = connection
    if (!isInitiator || !(destroying || isUnheard(connection))) return
    this.#host.note({ type: 'failed', remotePublicKey, outcome: destroying ? 'reset' : 'silent' })
  }

  /** At once dials a peer again that was not heard. The new dial counts as part of the one that it replaces. */
  #dialAgain(info: PeerInfo): void {
    const dials = this.#unheard.get(info) ?? 1
    if (dials === DIALS || this.#swarm.suspended || this.#host.signal.aborted) return
    this.#unheard.set(info, dials + 1)
    info.attempts--
    dial(this.#swarm, info)
  }

  #handOver(connection: Connection, info: PeerInfo): void {
    this.#open.add(connection)
    this.#unheard.delete(info)
    this.#refusals.delete(connection.remotePublicKey)
    connection.once('close', () => this.#open.delete(connection))
    if (this.#owned) info.reconnect(true)
    const { remoteHost, remotePort } = connection.rawStream ?? {}
    this.#host.connected(connection, {
      type: 'udx',
      ...(remoteHost && { remoteAddress: `${remoteHost}:${remotePort}` }),
      ...(info.topics.length > 0 && { topics: [...info.topics] })
    })
  }

  /** Refuses a connection that is not wanted, or closing. Returns whether it did. */
  #refuse(connection: Connection, info: PeerInfo): boolean {
    if (connection.destroying) return true
    const inbound = !connection.isInitiator
    if (!this.#host.signal.aborted && this.#host.wants(connection.remotePublicKey, { inbound })) return false
    // Peers that no lookup of ours found dial us again. In a swarm of the user's the connection stays open, and can
    // be taken later.
    if (!this.#owned || info.topics.length > 0) this.#refusals.add(info)
    if (this.#owned) {
      info.reconnect(false)
      connection.on('error', noop)
      // A connection that is not open yet cannot carry a reason.
      if (connection.connected) this.#host.refuse(connection)
      else connection.destroy()
    }
    return true
  }
}

/** Whether nothing was received on an open connection. Other streams than UDX do not count bytes: they are heard. */
function isUnheard({ rawStream, destroying }: Connection): boolean {
  return rawStream?.bytesReceived === 0 && !destroying
}
