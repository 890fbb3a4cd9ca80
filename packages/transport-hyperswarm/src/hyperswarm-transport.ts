import type { TopicMode, Transport, TransportHost } from '@basestore/networker/transport'
import { keepCrossings } from './crossings.js'
import { within } from './deadline.js'
import { Dials } from './dials.js'
import { Handovers } from './handovers.js'
import { Limiter } from './limiter.js'
import { tellDials } from './notes.js'
import { connectFailed, failure, type HyperswarmOptions, NAME, type SwarmLike, validate } from './options.js'
import { Reachability } from './reachability.js'
import { hex, noop, type Swarm } from './swarm.js'
import { SwarmOwner } from './swarm-owner.js'
import { TopicSession, type TopicSessionContext } from './topic-session.js'
import { Waits } from './waits.js'

/** Joins at a time. The DHT answers 200 to 270 requests a second in all: more joins only make each slower. */
const JOINS = 50
/** Repeated queries at a time. There are few, so that they do not keep new topics waiting. */
const REFRESHES = 4
/** Delay before we start to listen (ms). Listening takes dozens of DHT requests: lookups that we start with go first. */
const LISTEN_DELAY = 250
/** Time for unannouncing (ms). The nodes that should answer may be gone: then their records expire by themselves. */
const UNANNOUNCE_BOUND = 5_000
/** Time for streams that the networker ends while we stop (ms). It destroys them after 1 s. */
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
  /** The flushes of each topic; under null the calls of `connect`. */
  readonly #waits = new Waits<TopicSession | null>(() => this.#dials.recheck())
  #state: 'idle' | 'open' | 'suspended' | 'closed' = 'idle'
  #suspended: Promise<void> | undefined
  #host!: TransportHost
  #owner: SwarmOwner | undefined
  #handovers!: Handovers
  #dials!: Dials
  #reachability!: Reachability

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
    // @hyperswarm/dht cannot suspend. The networker then ends the streams and leaves the topics itself.
    if (!swarm.server.suspend) {
      delete this.suspend
      delete this.resume
    }
    if (owned) {
      keepCrossings(swarm)
      tellDials(swarm, host, (topic, key) => this.#topics.get(hex(topic))?.onfound(key))
    }
    this.#handovers.start()
    this.#reachability = new Reachability({
      listens: owned,
      swarm,
      ononline: host.online,
      onback: () => this.#eachTopic((session) => session.back()),
      onfault: this.#fault
    })
    this.#reachability.start()
    // The topics that we were started for are joined in this turn. For an announcement Hyperswarm listens at once.
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
    this.#waits.end(session)
    await within(UNANNOUNCE_BOUND, session.leave())
  }

  async flush(topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const session = this.#topics.get(hex(topic))
    if (!session || this.#state !== 'open') return
    await this.#waits.run(session, signal, async (isEnded) => {
      if ((await session.queried()) && !isEnded()) await this.#dials.allTried(topic, isEnded)
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
      await this.#waits.run(null, signal, (isEnded) => this.#dials.dial(remotePublicKey, isEnded))
    }
    if (this.#state !== 'open') throw connectFailed(`stopped before ${id} answered; call resume() first`)
  }

  suspend? = async (): Promise<void> => {
    this.#state = 'suspended'
    for (const session of this.#topics.values()) session.suspend()
    this.#waits.end()
    this.#reachability.stop()
    this.#handovers.forget()
    this.#suspended = this.#swarm.suspend()
    await this.#suspended
    // Hyperswarm empties its queue, but its peers still count as queued, and would never be dialled again.
    for (const info of this.#swarm.peers.values()) info.queued = false
  }

  resume? = async (): Promise<void> => {
    await this.#swarm.resume()
    if (this.#state !== 'suspended') return
    this.#suspended = undefined
    this.#state = 'open'
    this.#reachability.start()
    this.#listen()
    this.#eachTopic((session) => session.resume())
  }

  async stop(): Promise<void> {
    const owner = this.#owner
    const suspended = this.#suspended
    this.#state = 'closed'
    if (!owner) return
    this.#waits.end()
    this.#handovers.stop()
    this.#reachability.stop()
    owner.quiesce()
    const left = [...this.#topics.values()].map((session) => session.leave())
    const quit = async () => {
      await suspended?.catch(noop)
      // A swarm or a DHT that the user passed in is resumed before we let go of it.
      if (suspended) await owner.wake()
      await Promise.all([...left, owner.unlisten()])
    }
    const [inTime] = await Promise.all([
      within(owner.alone ? 0 : UNANNOUNCE_BOUND, quit()),
      // Destroying the DHT would cut off frames that the networker is still sending.
      owner.owned && within(STREAMS_BOUND, this.#handovers.closed())
    ])
    await owner.destroy(!inTime || suspended !== undefined)
  }

  get #swarm(): Swarm {
    return this.#owner!.swarm
  }

  get #context(): TopicSessionContext {
    const [joins, refreshes, reachability] = [this.#joins, this.#refreshes, this.#reachability]
    return { swarm: this.#swarm, joins, refreshes, reachability, note: this.#host.note }
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

  #eachTopic(run: (session: TopicSession) => Promise<void>): void {
    for (const session of this.#topics.values()) run(session)
  }
}
