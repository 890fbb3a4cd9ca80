import { isNetworkerError, NetworkerError } from '@basestore/extensions'
import type { TopicMode } from './contract.js'
import type { FindingPeers } from './finding-peers.js'
import { toHex } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import type { TransportSlot } from './transport-slot.js'

/** The networker, as a topic sees it. */
export interface TopicContext {
  readonly slots: readonly TransportSlot[]
  readonly finding: FindingPeers
  readonly streams: Iterable<NoiseStream>
  readonly suspended: boolean
  /** Resolves when the firewall has decided on each stream that it has now. */
  decided(): Promise<void>
  onjoined(topic: Topic): void
  onflushed(topic: Topic): void
}

/** The topic at one transport: the mode that it was told, the flushes and a leave under way. */
interface Membership {
  readonly slot: TransportSlot
  mode: TopicMode | null
  flushing: number
  leaving: Promise<void> | null
}

/** A flush under way. {@link end} ends it, even if the transports ignore the signal. */
class Flush {
  /** The topic's when it was joined: a flush of an older mode does not count for a newer one. */
  readonly generation: number
  /** Resolves when it is flushed, or was ended; rejects when it was ended with `CLOSED`. */
  done!: Promise<void>
  readonly #controller = new AbortController()
  #reject!: (reason: unknown) => void
  readonly ended = new Promise<never>((_, reject) => {
    this.#reject = reject
  })

  constructor(generation: number) {
    this.generation = generation
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  end(reason: unknown): void {
    this.#controller.abort(reason)
    this.#reject(this.signal.reason)
  }
}

/** A topic with its wanted mode, and what each transport was told of it. */
export class Topic {
  readonly key: Buffer
  readonly #context: TopicContext
  readonly #memberships: readonly Membership[]
  #mode: TopicMode | null = null
  /** Rises with each change of mode. */
  #generation = 0
  #state: 'left' | 'configured' | 'joined' | 'flushed' = 'left'
  #flushes: readonly Flush[] = []

  constructor(key: Buffer, context: TopicContext) {
    this.key = key
    this.#context = context
    this.#memberships = context.slots.map((slot) => ({ slot, mode: null, flushing: 0, leaving: null }))
  }

  /** Null once the topic is to be left. */
  get mode(): TopicMode | null {
    return this.#mode
  }

  get flushed(): boolean {
    return this.#state === 'flushed'
  }

  /** Sets the wanted mode. {@link join} or {@link sync} brings the transports to it. */
  configure(mode: TopicMode | null): void {
    if (mode === this.#mode) return
    this.#mode = mode
    this.#generation++
    if (mode === null) {
      this.#state = 'left'
      this.endFlushes()
      return
    }
    this.#state = this.#state === 'left' ? 'configured' : 'joined'
    this.#findPeers()
  }

  /** Hands the topic to the transports, and has them flush it: {@link TopicContext.onflushed} tells when they have. */
  join(): void {
    this.#findPeers()
    const flush = new Flush(this.#generation) // a listener of onjoined may end it at once, by leaving or closing
    this.#flushes = this.#flushes.concat(flush)
    const synced = this.sync()
    if (this.#state === 'configured') {
      this.#state = 'joined'
      this.#context.onjoined(this)
    }
    flush.done = this.#flush(flush, synced)
    flush.done.catch(noop) // closing rejects it, and no caller may be waiting
  }

  /**
   * Resolves when the latest {@link join} is flushed: every transport has flushed the topic, and each stream that they
   * handed over is admitted or refused. Leaving and suspending resolve it too; closing rejects it with `CLOSED`.
   */
  async flush(): Promise<void> {
    await this.#flushes.at(-1)?.done
  }

  /** Why the latest {@link join} is not flushed after so many milliseconds. */
  late(ms: number): NetworkerError {
    const slots = this.#memberships.filter(({ flushing }) => flushing > 0).map(({ slot }) => slot)
    const others =
      this.#state === 'configured' ? 'no transport has started yet' : 'the firewall has not decided'
    const why = slots.map(doing).join(', ') || others
    const causes = slots.flatMap(({ trouble }) => trouble ?? [])
    return new NetworkerError(
      'TIMEOUT',
      `topic ${toHex(this.key)} was not flushed within ${ms} ms: ${why}. The flush goes on, and the event 'flushed' ` +
        'tells when it is done. Check the network, or pass a longer timeout or flush: false to configure()',
      {
        ...(slots.length === 1 && { transport: slots[0]!.name }),
        cause: causes.length > 1 ? new AggregateError(causes) : causes[0]
      }
    )
  }

  /** Brings each transport to the wanted mode, one change at a time. Resolves when all have got there. */
  async sync(): Promise<void> {
    await Promise.all(this.#memberships.map((membership) => this.#sync(membership)))
  }

  /** Ends the flushes under way: they resolve, or reject with an error if one is given. */
  endFlushes(error?: NetworkerError): void {
    this.#context.finding.end(this.key)
    for (const flush of this.#flushes) flush.end(error)
  }

  /** All connections end, so the topic has to be flushed again. */
  suspend(): void {
    if (this.#state === 'flushed') this.#state = 'joined'
    this.endFlushes()
  }

  #findPeers(): void {
    if (this.#mode?.lookup && !this.flushed && !this.#context.suspended) this.#context.finding.begin(this.key)
  }

  #sync(membership: Membership): Promise<void> | undefined {
    if (membership.leaving) return membership.leaving // it syncs again when it is done
    const wanted = this.#wantedOf(membership)
    if (wanted === membership.mode || !membership.slot.started) return undefined
    if (wanted !== null) {
      membership.mode = wanted
      membership.slot.join(this.key, wanted)
      return undefined
    }
    membership.leaving = this.#leave(membership)
    return membership.leaving
  }

  /** While suspended, a transport that cannot suspend leaves its topics instead. */
  #wantedOf({ slot, mode }: Membership): TopicMode | null {
    if (!this.#context.suspended) return this.#mode
    return slot.canSuspend ? mode : null
  }

  async #leave(membership: Membership): Promise<void> {
    await membership.slot.leave(this.key)
    membership.mode = null
    membership.leaving = null
    await this.#sync(membership)
  }

  async #flush(flush: Flush, synced: Promise<void>): Promise<void> {
    const { signal, generation } = flush
    try {
      const all = await Promise.race([this.#flushAll(synced, signal), flush.ended])
      // Otherwise a later join is flushed, and tells; or suspending has ended this flush just when it was done.
      if (all && generation === this.#generation && !signal.aborted) this.#onflushed()
    } catch (error) {
      if (isNetworkerError(signal.reason, 'CLOSED')) throw signal.reason
      if (!signal.aborted) throw error
    } finally {
      this.#flushes = this.#flushes.filter((other) => other !== flush)
    }
  }

  /** Returns whether all transports have flushed it. One that failed has told a fault. */
  async #flushAll(synced: Promise<void>, signal: AbortSignal): Promise<boolean> {
    await synced
    signal.throwIfAborted()
    const flushed = await Promise.all(
      this.#memberships.map((membership) => this.#flushOne(membership, signal))
    )
    await this.#context.decided()
    return !flushed.includes(false)
  }

  async #flushOne(membership: Membership, signal: AbortSignal): Promise<boolean> {
    if (!membership.mode) return true
    membership.flushing++
    try {
      return await membership.slot.flush(this.key, signal)
    } finally {
      membership.flushing--
    }
  }

  #onflushed(): void {
    if (this.#state !== 'joined') return
    this.#state = 'flushed'
    void this.#context.finding.endWhenMet(this.key, this.#context.streams)
    this.#context.onflushed(this)
  }
}

function doing({ name, online }: TransportSlot): string {
  return online === 'online' ? `'${name}' still announces, looks up or dials` : `'${name}' is ${online}`
}
