import type { TopicMode, Transport, TransportHost } from '@basestore/networker/transport'
import { keepCrossings } from './crossings.js'
import { within } from './deadline.js'
import { Dials } from './dials.js'
import { Flushes } from './waits.js'
import { Handovers } from './handovers.js'
import { Limiter } from './limiter.js'
import { connectFailed, failure, type HyperswarmOptions, NAME, type SwarmLike, validate } from './options.js'
import { hex, noop, type Swarm } from './swarm.js'
import { SwarmOwner } from './swarm-owner.js'
import { TopicSession, type TopicSessionContext } from './topic-session.js'

/** The DHT answers 200 to 270 requests a second for all topics together: more at once only makes each slower. */
const JOINS = 50
/** Few, so that repeating queries does not keep new topics waiting. */
const REFRESHES = 4
/** Milliseconds by which listening, which takes dozens of requests, lets the lookups go first that we start for. */
const LISTEN_DELAY = 250
/** Milliseconds for unannouncing, which needs answers of nodes that may be gone. */
const UNANNOUNCE_BOUND = 5_000
/** Milliseconds for streams that the networker ends while we stop; it destroys them after 1 s. */
const STREAMS_BOUND = 2_000

export interface HyperswarmTransport extends Transport {
  /** The swarm, once started: ours, or the one that was passed in. */
  readonly swarm: SwarmLike | undefined
}

/**
 * Finds and connects peers on the DHT of Hyperswarm, with hole punching over UDX.
 *
 * @param options Hyperswarm's own, or `swarm`, or `dht`
 * @throws NetworkerError `INVALID_OPTION`
 */
export function hyperswarm(options: HyperswarmOptions = {}): HyperswarmTransport {
  validate(options)
  return new SwarmTransport(options)
}

class SwarmTransport implements HyperswarmTransport {
  readonly name = NAME
  readonly #options: HyperswarmOptions
  readonly #topics = new Map<string, TopicSession>()
  readonly #joins = new Limiter(JOINS)
  readonly #refreshes = new Limiter(REFRESHES)
  readonly #flushes = new Flushes<TopicSession | null>(() => this.#dials.recheck())
  #state: 'idle' | 'open' | 'suspended' | 'closed' = 'idle'
  #suspended: Promise<void> | undefined
  #online = true
  #host!: TransportHost
  #owner: SwarmOwner | undefined
  #handovers!: Handovers
  #dials!: Dials

  constructor(options: HyperswarmOptions) {
    this.#options = options
  }

  get swarm(): SwarmLike | undefined {
    return this.#owner?.swarm as SwarmLike | undefined
  }

  async start(host: TransportHost): Promise<void> {
    this.#host = host
    this.#owner = new SwarmOwner(this.#options, host.keyPair)
    const { swarm, owned } = this.#owner
    this.#handovers = new Handovers(swarm, host, owned)
    this.#dials = new Dials(swarm, this.#handovers)
    this.#state = 'open'
    // The networker does itself what a transport has no method for; @hyperswarm/dht cannot suspend.
    if (!swarm.server.suspend) {
      delete this.suspend
      delete this.resume
    }
    swarm.dht.on('network-update', this.#onnetwork)
    if (owned) keepCrossings(swarm)
    this.#handovers.start()
    // What we start for is joined in this turn. To announce, Hyperswarm listens at once.
    if (owned) setImmediate(() => setTimeout(this.#listen, this.#topics.size && LISTEN_DELAY).unref())
  }

  join(topic: Uint8Array, mode: TopicMode): void {
    const id = hex(topic)
    const session = this.#topics.get(id)
    if (session) session.change(mode)
    else this.#topics.set(id, new TopicSession(topic, mode, this.#context))
  }

  async leave(topic: Uint8Array): Promise<void> {
    const id = hex(topic)
    const session = this.#topics.get(id)
    if (!session) return
    this.#topics.delete(id)
    this.#flushes.settle(session)
    await within(UNANNOUNCE_BOUND, session.leave())
  }

  async flush(topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const session = this.#topics.get(hex(topic))
    if (!session || this.#state !== 'open') return
    await this.#flushes.run(session, signal, async (over) => {
      if ((await session.queried()) && !over()) await this.#dials.settled(topic, over)
    })
  }

  async connect(remotePublicKey: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    if (this.#dials.isOpen(remotePublicKey)) return
    const id = hex(remotePublicKey)
    if (!this.#host.wants(remotePublicKey)) {
      throw connectFailed(
        `${id} is not wanted: our own key, beyond maxPeers, or connected by another transport`
      )
    }
    if (this.#state === 'open') {
      await this.#flushes.run(null, signal, (over) => this.#dials.dial(remotePublicKey, over))
    }
    if (this.#state !== 'open') throw connectFailed(`stopped before ${id} answered; call resume() first`)
  }

  suspend? = async (): Promise<void> => {
    this.#state = 'suspended'
    for (const session of this.#topics.values()) session.suspend()
    this.#flushes.settle()
    this.#handovers.forget()
    this.#suspended = this.#swarm.suspend()
    await this.#suspended
    // Hyperswarm forgets its queue, but not who is in it, and never dials those again.
    for (const info of this.#swarm.peers.values()) info.queued = false
  }

  resume? = async (): Promise<void> => {
    await this.#swarm.resume()
    if (this.#state !== 'suspended') return
    this.#suspended = undefined
    this.#state = 'open'
    this.#listen()
    this.#repeat()
  }

  async stop(): Promise<void> {
    const owner = this.#owner
    const suspended = this.#suspended
    this.#state = 'closed'
    if (!owner) return
    this.#flushes.settle()
    this.#handovers.stop()
    this.#swarm.dht.removeListener('network-update', this.#onnetwork)
    owner.quiesce()
    const left = [...this.#topics.values()].map((session) => session.leave())
    const quit = async () => {
      await suspended?.catch(noop)
      // Of what we were given, we leave nothing suspended.
      if (suspended) await owner.wake()
      await Promise.all([...left, owner.unlisten()])
    }
    const [inTime] = await Promise.all([
      within(owner.alone ? 0 : UNANNOUNCE_BOUND, quit()),
      // Destroying the DHT would cut off what the networker is still sending.
      owner.owned && within(STREAMS_BOUND, this.#handovers.closed())
    ])
    await owner.destroy(!inTime || suspended !== undefined)
  }

  get #swarm(): Swarm {
    return this.#owner!.swarm
  }

  get #context(): TopicSessionContext {
    return { swarm: this.#swarm, joins: this.#joins, refreshes: this.#refreshes, fault: this.#fault }
  }

  #fault = (error: unknown): void => {
    if (this.#state !== 'closed') this.#host.fault(error)
  }

  #listen = (): void => {
    if (this.#state !== 'open' || !this.#owner!.owned) return
    this.#swarm.listen().catch((cause: unknown) => {
      const detail = 'peers cannot connect to us; give each swarm of one DHT its own key pair'
      this.#fault(failure('START_FAILED', detail, cause))
    })
  }

  #repeat(): void {
    for (const session of this.#topics.values()) session.resume()
  }

  // Hyperswarm asks once when it is online again; so does everybody else on that network.
  #onnetwork = (): void => {
    const online = this.#swarm.dht.online !== false
    if (online && !this.#online && this.#state === 'open') this.#repeat()
    this.#online = online
  }
}
