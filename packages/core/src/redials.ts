import { NetworkerError } from '@basestore/extensions'
import type { ByeReason } from '@basestore/extensions/internal'
import { sameKey, toBuffer, toId } from './keys.js'
import type { PeerLink } from './linked-peer.js'
import type { Peer } from './peer.js'

/** The first pause (ms). Each further pause is twice as long. That makes five redials in the first minute. */
const FIRST_PAUSE = 1_000
const MAX_PAUSE = 600_000
/** The share of a pause that chance adds to it, so that many who were refused at once do not come back at once. */
const JITTER = 0.25
/** A connection that lasts so long begins the pauses anew (ms). */
const STABLE = 30_000
/** The most remotes to remember. The one that was refused first is forgotten. */
const LIMIT = 1_024

interface RedialsContext {
  /** Dials a peer once, by its key. Rejects when it is not connected then. */
  dial(remotePublicKey: Buffer): Promise<unknown>
  /** Whether we look up any of these topics. */
  looksUp(topics: readonly Uint8Array[]): boolean
}

/** A remote that is dialled again after a pause. */
interface Redial {
  readonly key: Buffer
  /** Whether the app wants it for good, whatever topics are looked up. */
  lasting: boolean
  /** The topics under which it was found. */
  topics: readonly Uint8Array[]
  /** Dials in a row that brought no lasting connection. */
  attempts: number
  /** When it may be dialled again (ms of `performance.now()`). */
  until: number
  timer: NodeJS.Timeout | undefined
  reason: ByeReason | null
  readonly waiting: { resolve(peer: Peer): void; reject(error: unknown): void }[]
}

/** When remotes are dialled again that refused us, and those that the app wants for good. */
export class Redials {
  readonly #context: RedialsContext
  readonly #byKey = new Map<string, Redial>()

  constructor(context: RedialsContext) {
    this.#context = context
  }

  /** Whether a remote may be dialled now. */
  allows(remotePublicKey: Uint8Array): boolean {
    const redial = this.#byKey.get(toId(remotePublicKey))
    return !redial || performance.now() >= redial.until
  }

  /** Why the remote refused us last; null when it did not say so; undefined when it did not refuse us. */
  reasonOf(remotePublicKey: Uint8Array): ByeReason | null | undefined {
    return this.#byKey.get(toId(remotePublicKey))?.reason
  }

  /** When a remote is dialled again (ms since 1970); null when it is not to be. */
  nextOf(remotePublicKey: Uint8Array): number | null {
    const redial = this.#byKey.get(toId(remotePublicKey))
    const pause = redial ? redial.until - performance.now() : 0
    return redial?.timer && pause > 0 ? Math.round(Date.now() + pause) : null
  }

  /** The remote, or our own firewall, refuses a link. */
  onrefused({ stream, topics, reason }: Pick<PeerLink, 'stream' | 'topics' | 'reason'>): void {
    const redial = this.#redialOf(stream.remotePublicKey)
    redial.reason = reason
    if (topics.length > 0) redial.topics = topics
    this.#schedule(redial)
  }

  onadd(peer: Peer): void {
    const redial = this.#byKey.get(toId(peer.remotePublicKey))
    if (!redial) return
    clearTimeout(redial.timer)
    redial.until = 0
    for (const { resolve } of redial.waiting.splice(0)) resolve(peer)
  }

  onremove({ remotePublicKey, since }: Peer): void {
    const redial = this.#byKey.get(toId(remotePublicKey))
    if (!redial) return
    if (Date.now() - since >= STABLE) redial.attempts = 0
    if (redial.lasting) this.#schedule(redial)
    else if (redial.attempts === 0) this.#byKey.delete(toId(remotePublicKey))
  }

  /** The app wants the peer for good. It is dialled again after each loss. */
  keep(remotePublicKey: Buffer): void {
    this.#redialOf(remotePublicKey).lasting = true
  }

  /** Resolves once a remote that the app wants for good is connected. It is dialled at once, and then after pauses. */
  async connected(remotePublicKey: Buffer, find: () => Peer | undefined): Promise<Peer> {
    const redial = this.#redialOf(remotePublicKey)
    const peer = find()
    if (peer) return peer
    this.#schedule(redial, 0)
    return new Promise((resolve, reject) => redial.waiting.push({ resolve, reject }))
  }

  /** The remote may be dialled now. */
  allow(remotePublicKey: Uint8Array): void {
    const redial = this.#byKey.get(toId(remotePublicKey))
    if (redial) redial.until = 0
  }

  /** Forgets a remote: it may be dialled at once, and is not dialled by us. */
  forget(remotePublicKey: Uint8Array, error?: NetworkerError): void {
    const id = toId(remotePublicKey)
    const redial = this.#byKey.get(id)
    if (!redial) return
    clearTimeout(redial.timer)
    this.#byKey.delete(id)
    const gone =
      error ?? new NetworkerError('CONNECT_FAILED', 'disconnect() was called; call connect() again')
    for (const { reject } of redial.waiting) reject(gone)
  }

  /** Every remote may be dialled at once: the app may have changed what refused it. */
  reset(): void {
    for (const redial of this.#byKey.values()) {
      redial.attempts = 0
      redial.until = 0
      if (!redial.lasting) this.forget(redial.key)
    }
  }

  /** Ends all redials. Those for good begin again with {@link resume}. */
  suspend(): void {
    for (const { timer } of this.#byKey.values()) clearTimeout(timer)
  }

  resume(): void {
    for (const redial of this.#byKey.values()) if (redial.lasting) this.#schedule(redial)
  }

  close(error: NetworkerError): void {
    for (const { key } of this.#byKey.values()) this.forget(key, error)
  }

  #redialOf(remotePublicKey: Uint8Array): Redial {
    const id = toId(remotePublicKey)
    const known = this.#byKey.get(id)
    if (known) return known
    const key = Buffer.from(toBuffer(remotePublicKey))
    const redial: Redial = {
      key,
      lasting: false,
      topics: [],
      attempts: 0,
      until: 0,
      timer: undefined,
      reason: null,
      waiting: []
    }
    this.#byKey.set(id, redial)
    if (this.#byKey.size > LIMIT) this.#forgetOne(key)
    return redial
  }

  #forgetOne(except: Buffer): void {
    for (const { key, lasting } of this.#byKey.values()) {
      if (lasting || sameKey(key, except)) continue
      this.forget(key)
      return
    }
  }

  #schedule(redial: Redial, first = FIRST_PAUSE): void {
    const pause = Math.min(first * 2 ** redial.attempts, MAX_PAUSE) * (1 + JITTER * Math.random())
    if (pause > 0) redial.attempts++
    redial.until = performance.now() + pause
    clearTimeout(redial.timer)
    redial.timer = setTimeout(() => void this.#dial(redial), Math.ceil(pause))
  }

  async #dial(redial: Redial): Promise<void> {
    redial.until = 0
    if (!redial.lasting && !this.#context.looksUp(redial.topics)) return
    const { attempts } = redial
    try {
      await this.#context.dial(redial.key)
    } catch {
      // A refusal has scheduled the next dial already.
      const isForgotten = this.#byKey.get(toId(redial.key)) !== redial
      if (redial.lasting && redial.attempts === attempts && !isForgotten) this.#schedule(redial)
    }
  }
}
