import type { TopicMode } from './contract.js'
import { isNetworkerError, type NetworkerError } from './errors.js'
import type { FindingPeers } from './finding-peers.js'
import type { NoiseStream } from './noise-stream.js'
import type { TransportSlot } from './transport-slot.js'

/** What a topic needs of the networker around it. */
export interface TopicHost {
  readonly slots: readonly TransportSlot[]
  readonly finding: FindingPeers
  readonly streams: Iterable<NoiseStream>
  readonly suspended: boolean
  /** Settles when the handshakes and firewalls that are in hand now have ended. */
  admitted(): Promise<void>
  onjoined(topic: Topic): void
  onflushed(topic: Topic): void
}

/** What one transport was told of the topic. */
interface Membership {
  readonly slot: TransportSlot
  mode: TopicMode | null
  leaving: Promise<void> | null
}

/** A flush in hand. It ends when it is told to, whether or not the transports heed the signal. */
class Flush {
  readonly #controller = new AbortController()
  #reject!: (reason: unknown) => void
  readonly ended = new Promise<never>((_, reject) => {
    this.#reject = reject
  })

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  end(reason: unknown): void {
    this.#controller.abort(reason)
    this.#reject(this.signal.reason)
  }
}

/** A topic with the mode that is wanted for it, and how far each transport is. */
export class Topic {
  readonly key: Buffer
  readonly #host: TopicHost
  readonly #memberships: readonly Membership[]
  #mode: TopicMode | null = null
  /** Rises with each change of mode, so that a flush knows which join it is of. */
  #generation = 0
  #state: 'left' | 'configured' | 'joined' | 'flushed' = 'left'
  #flushes: readonly Flush[] = []

  constructor(key: Buffer, host: TopicHost) {
    this.key = key
    this.#host = host
    this.#memberships = host.slots.map((slot) => ({ slot, mode: null, leaving: null }))
  }

  get mode(): TopicMode | null {
    return this.#mode
  }

  get flushed(): boolean {
    return this.#state === 'flushed'
  }

  /** Sets what is wanted; {@link sync} or {@link flush} brings it about. */
  configure(mode: TopicMode | null): void {
    if (mode === this.#mode) return
    this.#mode = mode
    this.#generation++
    if (mode === null) {
      this.#state = 'left'
      this.settle()
      return
    }
    this.#state = this.#state === 'left' ? 'configured' : 'joined'
    this.#findPeers()
  }

  #findPeers(): void {
    if (this.#mode?.lookup && !this.flushed && !this.#host.suspended) this.#host.finding.begin(this.key)
  }

  /** Brings each transport to the wanted mode, one change at a time. Resolves when all have got there. */
  async sync(): Promise<void> {
    const syncing = this.#memberships.map((membership) => this.#sync(membership))
    if (this.#state === 'configured' && !this.#host.suspended) {
      this.#state = 'joined'
      this.#host.onjoined(this)
    }
    await Promise.all(syncing)
  }

  #sync(membership: Membership): Promise<void> | undefined {
    if (membership.leaving) return membership.leaving // it looks again when it is done
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

  #wantedOf({ slot, mode }: Membership): TopicMode | null {
    if (!this.#host.suspended) return this.#mode
    return slot.canSuspend ? mode : null // the others rest by leaving
  }

  async #leave(membership: Membership): Promise<void> {
    await membership.slot.leave(this.key)
    membership.mode = null
    membership.leaving = null
    await this.#sync(membership)
  }

  /**
   * Resolves when every transport has flushed and what it handed over is admitted or refused. Leaving and
   * suspending resolve it too; closing rejects it with `CLOSED`.
   */
  async flush(): Promise<void> {
    const generation = this.#generation
    if (this.#mode === null) return
    this.#findPeers()
    const flush = new Flush()
    const { signal } = flush
    this.#flushes = this.#flushes.concat(flush)
    try {
      await Promise.race([this.#flushAll(signal), flush.ended])
      if (generation === this.#generation) this.#onflushed() // else a later flush says so
    } catch (error) {
      if (isNetworkerError(signal.reason, 'CLOSED')) throw signal.reason
      if (!signal.aborted) throw error
    } finally {
      this.#flushes = this.#flushes.filter((other) => other !== flush)
    }
  }

  async #flushAll(signal: AbortSignal): Promise<void> {
    await this.sync()
    signal.throwIfAborted()
    await Promise.all(this.#memberships.map(({ slot, mode }) => mode && slot.flush(this.key, signal)))
    await this.#host.admitted()
  }

  /** Ends the flushes in hand: quietly, or with an error. */
  settle(error?: NetworkerError): void {
    this.#host.finding.end(this.key)
    for (const flush of this.#flushes) flush.end(error)
  }

  /** Forgets that it was flushed, since all connections end. */
  suspend(): void {
    if (this.#state === 'flushed') this.#state = 'joined'
    this.settle()
  }

  #onflushed(): void {
    if (this.#state !== 'joined') return
    this.#state = 'flushed'
    void this.#host.finding.endWhenMet(this.key, this.#host.streams)
    this.#host.onflushed(this)
  }
}
