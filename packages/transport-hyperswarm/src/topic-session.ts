import type { NetworkerError, TopicMode, TransportNote } from '@basestore/networker/transport'
import type { Limiter } from './limiter.js'
import { connectFailed } from './options.js'
import { Pause } from './pause.js'
import type { Reachability } from './reachability.js'
import { repeat } from './refresh-schedule.js'
import { hex, noop, type Session, type Swarm } from './swarm.js'

/** The most peers of one lookup that are told apart. */
const MAX_FOUND = 1_024

/** The surroundings of a topic session. */
export interface TopicSessionContext {
  readonly swarm: Swarm
  /** For queries that a caller waits for. */
  readonly joins: Limiter
  /** For the extra queries, which no caller waits for. */
  readonly refreshes: Limiter
  readonly reachability: Reachability
  note(note: TransportNote): void
}

/** Our part in one topic: one session of the swarm, and its queries. */
export class TopicSession {
  readonly topic: Uint8Array
  readonly #context: TopicSessionContext
  /** Ends the extra queries. */
  #endRepeats: () => void = noop
  #mode: TopicMode
  /** The mode of the latest query. */
  #asked: TopicMode | undefined
  #session: Session | undefined
  /** A query that waits for its turn, or to be tried again. Until then all callers share it. */
  #waiting: Promise<void> | null = null
  /** Whether it was told that queries are not answered. */
  #told = false
  /** The query that the join or the latest change of mode began. */
  #modeQuery: Promise<void>
  /** Whether an earlier call of {@link queried} took the mode's query, so that the next one has to begin its own. */
  #stale = false
  #left = false
  /** The keys that were found since the latest lookup was told, in hex: each node that holds a peer names it. */
  readonly #found = new Set<string>()

  constructor(topic: Uint8Array, mode: TopicMode, context: TopicSessionContext) {
    this.topic = topic
    this.#mode = mode
    this.#context = context
    this.#modeQuery = this.#query()
  }

  /** A node has named a peer. */
  onfound(remotePublicKey: Uint8Array): void {
    const id = hex(remotePublicKey)
    if (this.#found.has(id)) return
    if (this.#found.size === MAX_FOUND) this.#found.clear()
    this.#found.add(id)
    this.#context.note({ type: 'found', topic: this.topic, remotePublicKey })
  }

  change(mode: TopicMode): void {
    this.#mode = mode
    this.#endRepeats()
    this.#stale = false
    this.#modeQuery = this.#query()
  }

  /**
   * Waits for a query begun at or after this call. The first call after a join takes the query of the join.
   *
   * @returns whether it was a lookup
   */
  async queried(): Promise<boolean> {
    let query = this.#stale ? this.#query() : this.#modeQuery
    this.#stale = true
    for (;;) {
      const latest = this.#modeQuery
      await query
      // A change of mode ends the query of the previous mode. Then the query of the new one counts.
      if (latest === this.#modeQuery) return this.#mode.lookup
      query = this.#modeQuery
    }
  }

  suspend(): void {
    this.#endRepeats()
    // While suspended, no query gets an answer.
    this.#stale = true
  }

  /** Announces and looks up again when the network is back. Others do so at the same moment, and may miss us. */
  async back(): Promise<void> {
    this.#stale = true
    await this.#query()
    this.#repeat()
  }

  /** Looks up a few more times after a resume: others may come at the same moment. */
  async resume(): Promise<void> {
    this.#stale = true
    await this.#session?.flushed().catch(noop)
    this.#repeat()
  }

  /** Resolves when the topic is unannounced. */
  async leave(): Promise<void> {
    this.#left = true
    this.#endRepeats()
    // swarm.leave() would end the sessions of other users too.
    await this.#session?.destroy()
  }

  /** Queries until nodes have answered, the mode is another, or the topic is left. */
  #query(): Promise<void> {
    if (this.#waiting) return this.#waiting
    const own: { query?: Promise<void>; begun?: boolean } = {}
    own.query = this.#queryUntilAnswered(own)
    if (!own.begun) this.#waiting = own.query
    return own.query
  }

  async #queryUntilAnswered(own: { query?: Promise<void>; begun?: boolean }): Promise<void> {
    const { joins, reachability } = this.#context
    const pause = new Pause()
    const begin = () => {
      own.begun = true
      this.#waiting = null
      return this.#ask()
    }
    while (!(await joins.run(begin))) {
      if (this.#waiting) return this.#waiting // a later query will do for this one
      this.#waiting = own.query!
      await reachability.retry(pause)
    }
  }

  /** Returns false when no node answered, and it has to be tried again. */
  async #ask(): Promise<boolean> {
    if (this.#left) return true
    if (this.#context.reachability.offline) return false
    const mode = this.#mode
    const changed = mode !== this.#asked
    this.#asked = mode
    let cause: unknown
    const answered = await this.#find(mode).catch((error: unknown) => {
      cause = error
    })
    if (this.#left || mode !== this.#mode) return true
    if (!this.#active) return false
    if (!answered && !this.#told) this.#context.reachability.unanswered(unanswered(this.topic, mode, cause))
    this.#told = !answered
    if (answered) this.#tell(mode)
    if (changed) this.#repeat()
    return answered === true
  }

  /** A query was answered. */
  #tell({ announce, lookup }: TopicMode): void {
    const { topic } = this
    const { note } = this.#context
    const nodes = this.#session!.discovery._closestNodes!.length
    if (announce) note({ type: 'announced', topic, nodes })
    if (lookup) note({ type: 'lookup', topic, found: this.#found.size })
    this.#found.clear()
  }

  async #find({ announce, lookup }: TopicMode): Promise<boolean> {
    const { swarm, reachability } = this.#context
    const sides = { server: announce, client: lookup }
    let result: boolean | undefined
    // Undefined and a rejection come from a query that ran already. Only the next one is ours.
    if (this.#session) result = await this.#session.refresh(sides).catch(noop)
    else this.#session = swarm.join(this.topic, sides)
    // After a join this is the query of the join. flushed() would wait for the server, which a lookup does not need.
    if (result === undefined && !this.#left) result = await this.#session.refresh()
    // A lookup without an announcement succeeds even when no node answers. And an announcement that others find is of
    // no use to them while no node relays their handshake to us.
    const met = this.#session.discovery._closestNodes?.length
    return result !== false && Boolean(met) && (!announce || reachability.announced)
  }

  #repeat(): void {
    // Only a lookup can come too early. An announcement is stored at once, and found from then on.
    if (!this.#mode.lookup || !this.#active) return
    this.#endRepeats()
    this.#endRepeats = repeat(() => this.#context.refreshes.run(() => this.#refresh()))
  }

  async #refresh(): Promise<void> {
    if (!this.#active || !(await this.#session?.refresh().catch(noop))) return
    if (this.#active && this.#session?.discovery._closestNodes?.length) this.#tell(this.#mode)
  }

  get #active(): boolean {
    return !this.#left && !this.#context.swarm.suspended
  }
}

function unanswered(topic: Uint8Array, { announce, lookup }: TopicMode, cause: unknown): NetworkerError {
  const what = [announce && 'announce', lookup && 'look up'].filter(Boolean).join(' and ')
  const detail = `no node of the DHT answered to ${what} ${hex(topic)}; check the network and bootstrap`
  return connectFailed(detail, cause)
}
