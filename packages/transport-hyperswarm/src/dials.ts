import { within } from './deadline.js'
import { type Handovers, HEARD_BOUND } from './handovers.js'
import { Limiter } from './limiter.js'
import { connectFailed } from './options.js'
import {
  type Connection,
  connectionTo,
  dial,
  hex,
  infoOf,
  noop,
  type PeerInfo,
  revive,
  type Swarm,
  type SwarmEvent
} from './swarm.js'

/** Why a dial failed; empty while it did not. */
interface Failure {
  cause?: Error
}

type DialState = 'queued' | 'dialling' | 'open' | 'closing' | 'idle'

/** Time between two looks at the dials (ms). No event tells us of peers that another transport connects. */
const CHECK_INTERVAL = 250
/**
 * Time for which we wait for a peer that closed our dial unheard (ms). It may prefer a dial of its own, which may take
 * two attempts.
 */
const PATIENCE = HEARD_BOUND + 1_000
/** Events after which the state of a dial may be another. */
const EVENTS: readonly SwarmEvent[] = ['update', 'ban']

/** Waits for the swarm's dials. */
export class Dials {
  readonly #swarm: Swarm
  readonly #handovers: Handovers
  /** For dials by key. They have a limiter of their own, so that they do not wait for dials to peers of topics. */
  readonly #turns: Limiter
  /** Of the dials by key. One listener for all who wait for a dial: an emitter warns of more than ten. */
  readonly #failures = new WeakMap<Connection, Failure>()
  #change: Promise<void> | undefined
  #wake: () => void = noop

  constructor(swarm: Swarm, handovers: Handovers) {
    this.#swarm = swarm
    this.#handovers = handovers
    this.#turns = new Limiter(swarm.maxParallel)
    handovers.onchange = this.recheck
  }

  /** Makes all waits look again, after a change that the swarm does not tell of. */
  recheck = (): void => this.#wake()

  /** Whether a connection to this peer is handed over. One that was refused before is offered again. */
  isOpen(key: Uint8Array): boolean {
    return this.#state(key) === 'open' && this.#handovers.offer(connectionTo(this.#swarm, key)!)
  }

  /**
   * Resolves when each peer that was found under this topic is connected, refused, gone, has failed once, finds no
   * room, or is not wanted any more; or when `isEnded` returns true. `swarm.flush()` would wait for all topics, and
   * for ever after `joinPeer` of a peer that cannot be reached.
   */
  async allTried(topic: Uint8Array, isEnded: () => boolean): Promise<void> {
    const pending = new Map<PeerInfo, number>()
    for (const info of this.#swarm.peers.values()) {
      if (info.topics.some((other) => Buffer.compare(other, topic) === 0)) pending.set(info, info.attempts)
    }
    await this.#until(() => {
      for (const [info, attempts] of pending) if (this.#isTried(info, attempts)) pending.delete(info)
      return pending.size === 0 || isEnded()
    })
  }

  /**
   * Dials a peer once, also when there is no room for more peers. A peer that is lost later is not dialled again.
   *
   * @throws NetworkerError `CONNECT_FAILED`
   */
  dial(key: Uint8Array, isEnded: () => boolean): Promise<void> {
    return this.#turns.run(async () => {
      // A connection that is closing keeps Hyperswarm from dialling.
      await this.#until(() => isEnded() || this.#state(key) !== 'closing')
      if (isEnded()) return
      const info = infoOf(this.#swarm, key) ?? this.#swarm._upsertPeer(key, null)
      const { forceRelaying } = info
      let cause = await this.#attempt(info, isEnded)
      // Hyperswarm takes a relay only after a first failure.
      if (info.forceRelaying && !forceRelaying && !isEnded()) cause = await this.#attempt(info, isEnded)
      if (isEnded() || this.isOpen(key)) return
      if (info.banned) cause = new Error('the firewall option refuses it')
      const reason = cause?.message ?? 'it closed the connection'
      const advice = 'check that it runs, and announces a topic or listens'
      throw connectFailed(`${hex(key)} cannot be reached (${reason}); ${advice}`, cause)
    })
  }

  /** Dials. Returns the error of the dial, if it failed. Waits for a dial of the peer too, in case it prefers that. */
  async #attempt(info: PeerInfo, isEnded: () => boolean): Promise<Error | undefined> {
    const { publicKey } = info
    revive(info)
    dial(this.#swarm, info)
    const dialled = connectionTo(this.#swarm, publicKey)
    const failure = dialled && this.#failureOf(dialled)
    const start = performance.now()
    await this.#until(() => {
      if (isEnded() || this.isOpen(publicKey)) return true
      if (dialled?.connected && performance.now() - start < PATIENCE) return false
      return !['dialling', 'closing'].includes(this.#state(publicKey))
    })
    return failure?.cause
  }

  #failureOf(dialled: Connection): Failure {
    const known = this.#failures.get(dialled)
    if (known) return known
    const failure: Failure = {}
    this.#failures.set(dialled, failure)
    dialled.once('error', (error: Error) => {
      failure.cause = error
    })
    return failure
  }

  /** @param attempts those that had failed when the wait began */
  #isTried(info: PeerInfo, attempts: number): boolean {
    const { publicKey, banned, proven, queued } = info
    if (banned || infoOf(this.#swarm, publicKey) !== info || !this.#handovers.wants(publicKey)) return true
    const state = this.#state(publicKey)
    if (state !== 'queued' && state !== 'dialling') return true
    if (info.attempts > attempts || (info.attempts > 0 && !proven)) return true
    // While fewer dials run than may, Hyperswarm empties its queue at once. A peer still in it finds no room.
    return queued && this.#swarm.connecting < this.#swarm.maxParallel
  }

  #state(key: Uint8Array): DialState {
    const connection = connectionTo(this.#swarm, key)
    if (!connection) return infoOf(this.#swarm, key)?.queued ? 'queued' : 'idle'
    if (!this.#swarm.connections.has(connection) || this.#handovers.isOpening(connection)) return 'dialling'
    return connection.destroying ? 'closing' : 'open'
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      // One listener for all waits: an emitter warns of more than ten.
      this.#change ??= this.#changed()
      await this.#change
    }
  }

  /**
   * Resolves after the next event, but not within it: Hyperswarm emits in the midst of its work, when the next peer
   * in its queue looks as if it found no room.
   */
  async #changed(): Promise<void> {
    const change = new Promise<void>((resolve) => {
      this.#wake = resolve
      for (const event of EVENTS) this.#swarm.on(event, resolve)
    })
    await within(CHECK_INTERVAL, change)
    for (const event of EVENTS) this.#swarm.removeListener(event, this.#wake)
    this.#change = undefined
  }
}
