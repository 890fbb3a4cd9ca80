import type { TopicMode } from '@basestore/networker/transport'
import type { Outcome } from '../links/attempt.js'
import type { Connections, Target } from '../links/connections.js'
import type { Random } from '../random.js'
import type { Scheduled } from '../time/event-queue.js'

/** One peer's part in one topic. */
export class TopicRecord {
  readonly peer: Connections
  readonly topic: Uint8Array
  readonly id: string
  readonly random: Random
  announce = false
  lookup = false
  /** When the announcement that others find expires (ms on the network's clock); 0 when there is none. */
  expires = 0
  /** Resolves when the announcement under way is stored; never when the topic is left before. */
  announced: Promise<void> = Promise.resolve()
  /** How many lookups it has had answered. */
  lookups = 0
  /** The delayed steps of its announcements and lookups. */
  readonly timers = new Set<Scheduled>()
  /** The next refresh. */
  again: Scheduled | null = null
  #joined = new AbortController()

  constructor(peer: Connections, topic: Uint8Array, id: string, random: Random) {
    this.peer = peer
    this.topic = topic
    this.id = id
    this.random = random
  }

  set({ announce, lookup }: TopicMode): void {
    this.announce = announce
    this.lookup = lookup
    if (!announce) this.expires = 0
  }

  /** Whether a dial for this topic still has a point. */
  get wanted(): boolean {
    return this.lookup
  }

  /** Aborted when the topic is left, or the peer suspended or stopped. */
  get signal(): AbortSignal {
    return this.#joined.signal
  }

  open(): void {
    if (this.signal.aborted) this.#joined = new AbortController()
  }

  /** Ends all that is under way for it except dials. A stored record stays. */
  close(): void {
    for (const timer of this.timers) timer.cancel()
    this.timers.clear()
    this.again?.cancel()
    this.again = null
    this.#joined.abort()
  }

  /** Dials peers. Each promise resolves when the peer was handed over, refused, or could not be reached. */
  reach(found: readonly Target[]): Promise<Outcome>[] {
    return found.map((target) => {
      this.peer.note({ type: 'found', topic: this.topic, remotePublicKey: target.publicKey })
      return this.peer.reach(target, this)
    })
  }
}
