import type { NatPair } from '../contract.js'
import { toId } from '../keys.js'
import type { Ending, Outcome } from './outcome.js'

/** The latest attempts of each peer that are remembered. */
const MAX_ATTEMPTS = 32
/** The most peers to remember. The oldest is forgotten; strangers that dialled us go before peers that we sought. */
const MAX_PEERS = 1_024
/** The most topics to remember for each peer. A DHT can name it under any number. */
const MAX_FOUND = 16

/** A peer was found. */
export interface Finding {
  /** 32 bytes. */
  readonly topic: Buffer
  readonly transport: string
  /** The latest time, in milliseconds since 1970. */
  readonly at: number
}

/** A dial that brought no peer. */
export interface Attempt {
  readonly transport: string
  /** `'out'` when we dialled, `'in'` when the peer did. */
  readonly direction: 'in' | 'out'
  readonly outcome: Outcome
  /** When it ended, in milliseconds since 1970. */
  readonly at: number
  /** The classes of both sides' routers, where the transport knows them. */
  readonly nat: NatPair | null
  /** The message of the transport's error; null where there is none. */
  readonly detail: string | null
}

/** A connection that both sides had admitted, and that has ended. */
export interface EndedConnection {
  readonly transport: string
  /** The carrier: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  readonly direction: 'in' | 'out'
  /** Milliseconds since 1970. */
  readonly since: number
  readonly until: number
  /** Encrypted bytes. */
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly ended: Ending
}

/** What is remembered of one peer. */
export class PeerRecord {
  found: readonly Finding[] = []
  /** The oldest first. */
  attempts: readonly Attempt[] = []
  /** Dials of ours that failed. */
  failures = 0
  /** Since when it is being dialled (ms since 1970); null while it is not. */
  dialling: number | null = null
  last: EndedConnection | null = null

  /** Whether it knows no more than that the peer was found. */
  get isPlain(): boolean {
    return this.attempts.length === 0 && this.last === null
  }

  find(finding: Finding): void {
    const { topic, transport } = finding
    const others = this.found.filter((other) => other.transport !== transport || !other.topic.equals(topic))
    this.found = others.concat(finding).slice(-MAX_FOUND)
  }

  add(attempt: Attempt): void {
    this.dialling = null
    if (attempt.direction === 'out') this.failures++
    this.attempts = this.attempts.concat(attempt).slice(-MAX_ATTEMPTS)
  }
}

/**
 * What is remembered of peers: nothing of one that was never found and connects at once, and at most 1,024 records
 * whatever strangers do.
 */
export class History {
  /** The peers that we found, dialled or had as peers. */
  readonly #sought = new Map<string, PeerRecord>()
  /** The peers that only dialled us. */
  readonly #strangers = new Map<string, PeerRecord>()
  readonly #isConnected: (remotePublicKey: Uint8Array) => boolean

  constructor(isConnected: (remotePublicKey: Uint8Array) => boolean) {
    this.#isConnected = isConnected
  }

  get size(): number {
    return this.#sought.size + this.#strangers.size
  }

  get(remotePublicKey: Uint8Array): PeerRecord | undefined {
    const id = toId(remotePublicKey)
    return this.#sought.get(id) ?? this.#strangers.get(id)
  }

  /** The records of those found under a topic, with their keys. */
  *foundUnder(topic: Uint8Array): Iterable<[remotePublicKey: Buffer, record: PeerRecord]> {
    for (const [id, record] of this.#sought) {
      if (record.found.some((finding) => finding.topic.equals(topic)))
        yield [Buffer.from(id, 'latin1'), record]
    }
  }

  /** The record of a peer that we look for, or had. */
  sought(remotePublicKey: Uint8Array): PeerRecord {
    const id = toId(remotePublicKey)
    const known = this.#sought.get(id)
    if (known) return known
    const record = this.#strangers.get(id) ?? new PeerRecord()
    this.#strangers.delete(id)
    this.#sought.set(id, record)
    this.#forget()
    return record
  }

  /** The record of a peer that has dialled us. */
  stranger(remotePublicKey: Uint8Array): PeerRecord {
    const known = this.get(remotePublicKey)
    if (known) return known
    const id = toId(remotePublicKey)
    const record = new PeerRecord()
    this.#strangers.set(id, record)
    this.#forget()
    return record
  }

  /** A peer is connected. What is known of it by its links is not kept twice: with many peers it would cost memory. */
  connected(remotePublicKey: Uint8Array): void {
    const id = toId(remotePublicKey)
    if (this.#sought.get(id)?.isPlain) this.#sought.delete(id)
  }

  #forget(): void {
    if (this.size <= MAX_PEERS) return
    const [stranger] = this.#strangers.keys()
    if (stranger !== undefined) {
      this.#strangers.delete(stranger)
      return
    }
    // A connected peer that had failures before is kept: it becomes the latest. The newest record is not looked at.
    for (let left = this.#sought.size - 1; left > 0; left--) {
      const [[id, record]] = this.#sought as unknown as [[string, PeerRecord]]
      this.#sought.delete(id)
      if (record.isPlain || !this.#isConnected(Buffer.from(id, 'latin1'))) return
      this.#sought.set(id, record)
    }
  }
}
