import type { NetworkerError, TopicMode } from '@basestore/networker/transport'
import type { Limiter } from './limiter.js'
import { connectFailed } from './options.js'
import { repeat } from './refresh-schedule.js'
import { hasNodes, hex, noop, type Session, type Swarm } from './swarm.js'

export interface TopicSessionContext {
  readonly swarm: Swarm
  /** For queries that somebody waits for. */
  readonly joins: Limiter
  /** For queries on our own account. */
  readonly refreshes: Limiter
  fault(error: unknown): void
}

/** What we do for one topic: one session of the swarm, and its queries. */
export class TopicSession {
  readonly topic: Uint8Array
  readonly #context: TopicSessionContext
  /** Ends the extra queries. */
  #endRepeats: () => void = noop
  #mode: TopicMode
  /** The mode of the latest query. */
  #asked: TopicMode | undefined
  #session: Session | undefined
  /** A query that waits for its turn: whoever asks for one meanwhile shares it. */
  #waiting: Promise<void> | null = null
  /** The query of the latest join or change of mode. */
  #modeQuery: Promise<void>
  /** Whether {@link queried} has to begin a query, since an earlier call took that of the join. */
  #stale = false
  #left = false

  constructor(topic: Uint8Array, mode: TopicMode, context: TopicSessionContext) {
    this.topic = topic
    this.#mode = mode
    this.#context = context
    this.#modeQuery = this.#query()
  }

  change(mode: TopicMode): void {
    this.#mode = mode
    this.#endRepeats()
    this.#stale = false
    this.#modeQuery = this.#query()
  }

  /**
   * Waits for a query begun at or after this call; the first call after a join takes that of the join.
   *
   * @returns whether it was a lookup
   */
  async queried(): Promise<boolean> {
    let query = this.#stale ? this.#query() : this.#modeQuery
    this.#stale = true
    for (;;) {
      const latest = this.#modeQuery
      await query
      // A change of mode ends the query of the mode before, so its own one counts.
      if (latest === this.#modeQuery) return this.#mode.lookup
      query = this.#modeQuery
    }
  }

  suspend(): void {
    this.#endRepeats()
    // What is asked meanwhile is answered by nobody.
    this.#stale = true
  }

  /** After resume, and when the network is back: others may have come at the same moment. */
  async resume(): Promise<void> {
    this.#stale = true
    await this.#session?.flushed().catch(noop)
    this.#repeat()
  }

  /** Resolves when unannounced. */
  async leave(): Promise<void> {
    this.#left = true
    this.#endRepeats()
    // Not swarm.leave(), which ends the sessions of others too.
    await this.#session?.destroy()
  }

  #query(): Promise<void> {
    if (this.#waiting) return this.#waiting
    let begun = false
    const query = this.#context.joins.run(() => {
      begun = true
      this.#waiting = null
      return this.#ask()
    })
    if (!begun) this.#waiting = query
    return query
  }

  async #ask(): Promise<void> {
    if (this.#left) return
    const mode = this.#mode
    const changed = mode !== this.#asked
    this.#asked = mode
    let cause: unknown
    const found = await this.#find(mode).catch((error: unknown) => {
      cause = error
    })
    if (this.#left || mode !== this.#mode) return
    if (!found && this.#active) this.#context.fault(unanswered(this.topic, mode, cause))
    if (changed) this.#repeat()
  }

  async #find({ announce, lookup }: TopicMode): Promise<boolean> {
    const { swarm } = this.#context
    const sides = { server: announce, client: lookup }
    let result: boolean | undefined
    // Undefined and a rejection are those of a query that ran already: only the next one is ours.
    if (this.#session) result = await this.#session.refresh(sides).catch(noop)
    else this.#session = swarm.join(this.topic, sides)
    // After a join this is its query. Not flushed(), which waits for the server even to look up.
    if (result === undefined && !this.#left) result = await this.#session.refresh()
    // A lookup without an announcement succeeds also when no node answers; those that do not are forgotten.
    return result !== false && (announce || hasNodes(swarm))
  }

  #repeat(): void {
    // An announcement is stored at once; only those who look up can come too early.
    if (!this.#mode.lookup || !this.#active) return
    this.#endRepeats()
    this.#endRepeats = repeat(() => this.#context.refreshes.run(() => this.#refresh()))
  }

  async #refresh(): Promise<void> {
    if (this.#active) await this.#session?.refresh().catch(noop)
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
