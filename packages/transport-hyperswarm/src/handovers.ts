import type { TransportHost } from '@basestore/networker/transport'
import { within } from './deadline.js'
import { Refusals } from './refusals.js'
import { type Connection, closed, dial, infoOf, noop, type PeerInfo, type Swarm } from './swarm.js'

/** Milliseconds until the remote is heard of, or lost; UDX itself waits for 13 s or more. */
export const HEARD_BOUND = 2_000
/** Of a peer that is not heard of, until Hyperswarm's own delays count. */
const DIALS = 4

/** Hands the swarm's connections over to the networker, each once, or refuses them. */
export class Handovers {
  /** Called when a connection that was awaited opened, or closed before it did. */
  onsettle: () => void = noop
  readonly #swarm: Swarm
  readonly #host: TransportHost
  /** Whether a connection that nobody wants is ours to destroy. */
  readonly #owned: boolean
  /** Accepted, but not known to be open at both ends yet. */
  readonly #opening = new Set<Connection>()
  /** How often those were dialled in a row that were not heard of. */
  readonly #unheard = new WeakMap<PeerInfo, number>()
  /** Handed over and not closed. */
  readonly #open = new Set<Connection>()
  readonly #refusals: Refusals

  constructor(swarm: Swarm, host: TransportHost, owned: boolean) {
    this.#swarm = swarm
    this.#host = host
    this.#owned = owned
    this.#refusals = new Refusals(swarm, host, (connection) => this.offer(connection))
  }

  start(): void {
    this.#swarm.on('connection', this.#onconnection)
    for (const connection of this.#swarm.connections) this.offer(connection)
  }

  /** Comes back to nobody who was refused. */
  forget(): void {
    this.#refusals.clear()
  }

  stop(): void {
    this.forget()
    // A connection that comes while our own swarm stops still needs its error listener.
    if (!this.#owned) this.#swarm.removeListener('connection', this.#onconnection)
  }

  /** Resolves when all that was handed over has closed. */
  async closed(): Promise<void> {
    await Promise.all([...this.#open].map(closed))
  }

  wants(key: Uint8Array): boolean {
    return this.#host.wants(key)
  }

  isOpening(connection: Connection): boolean {
    return this.#opening.has(connection)
  }

  /** Hands a connection over unless that was done before. Whether it is handed over now. */
  offer(connection: Connection): boolean {
    const info = infoOf(this.#swarm, connection.remotePublicKey)
    const open = this.#swarm.connections.has(connection) && !connection.destroying
    if (info && open) this.#onconnection(connection, info)
    return this.#open.has(connection)
  }

  #onconnection = (connection: Connection, info: PeerInfo): void => {
    if (this.#open.has(connection) || this.#opening.has(connection)) return
    if (this.#refused(connection, info)) return
    connection.on('error', noop) // a remote's reset ends the process when nobody listens
    if (connection.connected && !isUnheard(connection)) this.#handOver(connection, info)
    else this.#whenHeard(connection, info)
  }

  // HyperDHT opens our end also when the remote has dropped its own meanwhile.
  async #whenHeard(connection: Connection, info: PeerInfo): Promise<void> {
    this.#opening.add(connection)
    // An inbound one opens after Hyperswarm tells of it. Who reads earlier takes what is not his.
    await connection.opened
    if (isUnheard(connection)) {
      const { rawStream } = connection
      let settle: () => void = noop
      const heard = new Promise<void>((resolve) => {
        settle = resolve
      })
      rawStream?.on('data', settle)
      connection.on('close', settle)
      await within(HEARD_BOUND, heard)
      // What came while this process was held up is read first.
      await new Promise(setImmediate)
      rawStream?.removeListener('data', settle)
      connection.removeListener('close', settle)
    }
    this.#opening.delete(connection)
    if (isUnheard(connection)) {
      if (connection.isInitiator) connection.once('close', () => this.#dialAgain(info))
      connection.destroy()
    }
    if (!this.#refused(connection, info)) this.#handOver(connection, info)
    this.onsettle()
  }

  /** At once, and as part of the dial that it replaces. */
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

  #refused(connection: Connection, info: PeerInfo): boolean {
    if (connection.destroying) return true
    if (!this.#host.signal.aborted && this.#host.wants(connection.remotePublicKey)) return false
    // Those whom no lookup of ours found dial us again. But a connection that stays open can be taken later.
    if (!this.#owned || info.topics.length > 0) this.#refusals.add(info)
    if (this.#owned) {
      info.reconnect(false)
      connection.on('error', noop)
      connection.destroy()
    }
    return true
  }
}

/** Nobody else than UDX counts what it receives. */
function isUnheard({ rawStream, destroying }: Connection): boolean {
  return rawStream?.bytesReceived === 0 && !destroying
}
