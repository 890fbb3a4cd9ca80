import { NetworkerError } from '@basestore/extensions'
import type { ByeReason } from '@basestore/extensions/internal'
import { sameKey, toBuffer, toId } from './keys.js'
import type { PeerLink } from './linked-peer.js'
import type { Peer } from './peer.js'
import { abortable } from './wait.js'

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
  /** Dials a peer once, by its key. Rejects when it is not connected then, or the signal aborts. */
  dial(remotePublicKey: Buffer, signal: AbortSignal): Promise<unknown>
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
  /** Runs while it waits for its turn. */
  timer: NodeJS.Timeout | undefined
  /** Ends the dial under way. */
  dialling: AbortController | undefined
  /** Why it refused us last; null when it did not say so; undefined when it did not refuse us. */
  reason: ByeReason | null | undefined
  /** Since when it is connected (ms of `performance.now()`, which no change of the date moves); else infinite. */
  since: number
  readonly waiting: Set<{ resolve(peer: Peer): void; reject(error: unknown): void }>
}

/** When remotes are dialled again that refused us, and those that the app wants for good. */
export class Redials {
  readonly #context: RedialsContext
  readonly #byKey = new Map<string, Redial>()
  #state: 'open' | 'suspended' | 'closed' = 'open'

  constructor(context: RedialsContext) {
    this.#context = context
  }

  /** Whether a remote may be dialled now. */
  allows(remotePublicKey: Uint8Array): boolean {
    if (this.#byKey.size === 0) return true
    const redial = this.#byKey.get(toId(remotePublicKey))
    return !redial || performance.now() >= redial.until
  }

  /** Why the remote refused our latest dial; null when it did not say so; undefined when it did not refuse us. */
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
    if (this.#state === 'closed') return
    const redial = this.#redialOf(stream.remotePublicKey)
    redial.reason = reason
    if (topics.length > 0) redial.topics = topics
    disconnected(redial)
    this.#schedule(redial)
  }

  onadd(peer: Peer): void {
    const redial = this.#byKey.get(toId(peer.remotePublicKey))
    if (!redial) return
    stop(redial)
    redial.until = 0
    redial.reason = undefined
    redial.since = performance.now()
    for (const { resolve } of redial.waiting) resolve(peer)
  }

  onremove({ remotePublicKey }: Peer): void {
    const redial = this.#byKey.get(toId(remotePublicKey))
    if (!redial) return
    disconnected(redial)
    if (redial.timer) return // it was refused, and waits already
    if (redial.lasting) this.#schedule(redial)
    else if (redial.attempts === 0) this.#byKey.delete(toId(remotePublicKey))
  }

  /** The app wants the peer for good. It is dialled again after each loss. */
  keep(remotePublicKey: Buffer): void {
    this.#redialOf(remotePublicKey).lasting = true
  }

  /** Resolves once a remote that the app wants for good is connected. It is dialled at once, and then after pauses. */
  async connected(remotePublicKey: Buffer, signal: AbortSignal | undefined): Promise<Peer> {
    const redial = this.#redialOf(remotePublicKey)
    if (!redial.dialling) this.#schedule(redial, 0)
    let waiter!: { resolve(peer: Peer): void; reject(error: unknown): void }
    const connected = new Promise<Peer>((resolve, reject) => {
      waiter = { resolve, reject }
    })
    redial.waiting.add(waiter)
    try {
      return await abortable(connected, signal)
    } finally {
      redial.waiting.delete(waiter)
    }
  }

  /** The remote may be dialled now. What refused an earlier dial says nothing of this one. */
  allow(remotePublicKey: Uint8Array): void {
    const redial = this.#byKey.get(toId(remotePublicKey))
    if (!redial) return
    redial.until = 0
    redial.reason = undefined
  }

  /** Forgets a remote: it may be dialled at once, and is not dialled by us. */
  forget(remotePublicKey: Uint8Array, error?: NetworkerError): void {
    const id = toId(remotePublicKey)
    const redial = this.#byKey.get(id)
    if (!redial) return
    this.#byKey.delete(id)
    const gone =
      error ?? new NetworkerError('CONNECT_FAILED', 'disconnect() was called; call connect() again')
    for (const { reject } of redial.waiting) reject(gone)
    stop(redial)
    redial.dialling?.abort(gone)
  }

  /** Every remote may be dialled at once: the app may have changed what refused it. */
  reset(): void {
    for (const redial of this.#byKey.values()) {
      const isWaiting = redial.timer !== undefined
      redial.attempts = 0
      if (isWaiting) this.#schedule(redial, redial.lasting ? 0 : FIRST_PAUSE)
      redial.until = 0
    }
  }

  /** Ends all redials. Those for good begin again with {@link resume}. */
  suspend(): void {
    this.#state = 'suspended'
    for (const redial of this.#byKey.values()) {
      stop(redial)
      redial.dialling?.abort()
    }
  }

  resume(): void {
    this.#state = 'open'
    for (const redial of this.#byKey.values()) if (redial.lasting) this.#schedule(redial, 0)
  }

  close(error: NetworkerError): void {
    this.#state = 'closed'
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
      dialling: undefined,
      reason: undefined,
      since: Number.POSITIVE_INFINITY,
      waiting: new Set()
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
    stop(redial)
    if (this.#state !== 'open') return // a stream that closes meanwhile sets no timer
    redial.timer = setTimeout(() => void this.#dial(redial), Math.ceil(pause))
  }

  async #dial(redial: Redial): Promise<void> {
    redial.timer = undefined
    redial.until = 0
    if (!redial.lasting && !this.#context.looksUp(redial.topics)) return
    const { attempts } = redial
    redial.reason = undefined
    const dialling = new AbortController()
    redial.dialling = dialling
    try {
      await this.#context.dial(redial.key, dialling.signal)
    } catch {
      // A refusal has scheduled the next dial already.
      const isForgotten = this.#byKey.get(toId(redial.key)) !== redial
      if (redial.lasting && redial.attempts === attempts && !isForgotten) this.#schedule(redial)
    } finally {
      if (redial.dialling === dialling) redial.dialling = undefined
    }
  }
}

/** A connection that lasted lets the pauses begin anew. */
function disconnected(redial: Redial): void {
  if (performance.now() - redial.since >= STABLE) redial.attempts = 0
  redial.since = Number.POSITIVE_INFINITY
}

/** Ends the pause of a remote, so that it is not dialled at its end. */
function stop(redial: Redial): void {
  clearTimeout(redial.timer)
  redial.timer = undefined
}
