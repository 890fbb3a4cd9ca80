import type { NetworkerError, TopicMode } from '@basestore/networker/transport'
import type { Limiter } from './limiter.js'
import { connectFailed } from './options.js'
import { RefreshSchedule } from './refresh-schedule.js'
import { hex, noop, type Session, type Swarm } from './swarm.js'

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
  readonly #schedule: RefreshSchedule
  #mode: TopicMode
  /** The mode of the latest query. */
  #asked: TopicMode | null = null
  #session: Session | null = null
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
    this.#schedule = new RefreshSchedule(() => context.refreshes.run(() => this.#refresh()))
    this.#modeQuery = this.#query()
  }

  get lookup(): boolean {
    return this.#mode.lookup
  }

  change(mode: TopicMode): void {
    this.#mode = mode
    this.#schedule.cancel()
    this.#stale = false
    this.#modeQuery = this.#query()
  }

  /** Waits for a query begun at or after this call; the first call after a join takes that of the join. */
  async queried(): Promise<void> {
    let query = this.#stale ? this.#query() : this.#modeQuery
    this.#stale = true
    for (;;) {
      const latest = this.#modeQuery
      await query
      // A change of mode ends the query of the mode before, so its own one counts.
      if (latest === this.#modeQuery) return
      query = this.#modeQuery
    }
  }

  suspend(): void {
    this.#schedule.cancel()
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
    this.#schedule.cancel()
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
    const found = await (this.#session ? this.#again(this.#session) : this.#join()).catch(
      (error: unknown) => {
        cause = error
        return false
      }
    )
    if (this.#left || mode !== this.#mode) return
    if (!found && this.#active) this.#context.fault(this.#failed(cause))
    if (changed) this.#repeat()
  }

  async #join(): Promise<boolean> {
    this.#session = this.#context.swarm.join(this.topic, this.#sides)
    // Joins the query that has just begun. Not flushed(), which waits for the server even to look up.
    return this.#answered((await this.#session.refresh()) !== false)
  }

  async #again(session: Session): Promise<boolean> {
    // Undefined and a rejection are those of a query that ran already: only the next one is ours.
    const result = await session.refresh(this.#sides).catch(noop)
    if (result !== undefined || this.#left) return this.#answered(result !== false)
    return this.#answered((await session.refresh()) !== false)
  }

  // A lookup without an announcement succeeds also when no node answers; those that do not are forgotten.
  #answered(result: boolean): boolean {
    return result && (this.#mode.announce || this.#context.swarm.dht.toArray({ limit: 1 }).length > 0)
  }

  #repeat(): void {
    // An announcement is stored at once; only those who look up can come too early.
    if (this.#mode.lookup && this.#active) this.#schedule.start()
  }

  async #refresh(): Promise<void> {
    if (this.#active) await this.#session?.refresh().catch(noop)
  }

  get #active(): boolean {
    return !this.#left && !this.#context.swarm.suspended
  }

  get #sides(): { server: boolean; client: boolean } {
    return { server: this.#mode.announce, client: this.#mode.lookup }
  }

  #failed(cause: unknown): NetworkerError {
    const what = [this.#mode.announce && 'announce', this.#mode.lookup && 'look up']
      .filter(Boolean)
      .join(' and ')
    return connectFailed(
      `no node of the DHT answered to ${what} ${hex(this.topic)}; check the network and bootstrap`,
      cause
    )
  }
}
