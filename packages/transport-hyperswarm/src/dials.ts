import { within } from './deadline.js'
import { type Handovers, HEARD_BOUND } from './handovers.js'
import { Limiter } from './limiter.js'
import { connectFailed } from './options.js'
import {
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

type DialState = 'queued' | 'dialling' | 'open' | 'closing' | 'idle'

/** Milliseconds between two looks, since nobody tells us whom another transport connects. */
const CHECK_INTERVAL = 250
/** Milliseconds for a peer that closed our dial unheard, since it may prefer its own, and that may take two. */
const PATIENCE = HEARD_BOUND + 1_000
/** Either may change the state of a dial. */
const EVENTS: readonly SwarmEvent[] = ['update', 'ban']

/** Waits for the swarm's dials. */
export class Dials {
  readonly #swarm: Swarm
  readonly #handovers: Handovers
  /** Its own, so that a dial by key does not wait for what was found. */
  readonly #turns: Limiter
  #change: Promise<void> | undefined
  #wake: () => void = noop

  constructor(swarm: Swarm, handovers: Handovers) {
    this.#swarm = swarm
    this.#handovers = handovers
    this.#turns = new Limiter(swarm.maxParallel)
    handovers.onsettle = this.recheck
  }

  /** Looks again at what is waited for; for changes that the swarm does not tell of. */
  recheck = (): void => this.#wake()

  /** Whether a connection to this peer was handed over, if need be now. */
  isOpen(key: Uint8Array): boolean {
    // The networker may want by now what it did not want before.
    return this.#state(key) === 'open' && this.#handovers.offer(connectionTo(this.#swarm, key)!)
  }

  /**
   * Resolves when each peer that was found under this topic is connected, refused, gone, has failed once, finds no
   * room, or is not wanted any more; or when `over` returns true. Not `swarm.flush()`: that waits for all topics, and for ever after
   * `joinPeer` of a peer that cannot be reached.
   */
  async settled(topic: Uint8Array, over: () => boolean): Promise<void> {
    const pending = new Map<PeerInfo, number>()
    for (const info of this.#swarm.peers.values()) {
      if (info.topics.some((other) => Buffer.compare(other, topic) === 0)) pending.set(info, info.attempts)
    }
    await this.#until(() => {
      for (const [info, attempts] of pending) if (this.#isSettled(info, attempts)) pending.delete(info)
      return pending.size === 0 || over()
    })
  }

  /**
   * Dials a peer once, also when there is no room for more peers, and does not dial it again when it is lost.
   *
   * @throws NetworkerError `CONNECT_FAILED`
   */
  dial(key: Uint8Array, over: () => boolean): Promise<void> {
    return this.#turns.run(async () => {
      // One that is just closing keeps Hyperswarm from dialling.
      await this.#until(() => over() || this.#state(key) !== 'closing')
      if (over()) return
      const info = infoOf(this.#swarm, key) ?? this.#swarm._upsertPeer(key, null)
      const { forceRelaying } = info
      let cause = await this.#attempt(info, over)
      // Hyperswarm turns to the relay only after a first failure.
      if (info.forceRelaying && !forceRelaying && !over()) cause = await this.#attempt(info, over)
      if (over() || this.isOpen(key)) return
      if (info.banned) cause = new Error('the firewall option refuses it')
      const reason = cause?.message ?? 'it closed the connection'
      const advice = 'check that it runs, and announces a topic or listens'
      throw connectFailed(`${hex(key)} cannot be reached (${reason}); ${advice}`, cause)
    })
  }

  /** Resolves when the dial ended, or another one did that the peer prefers; with the error, if there was one. */
  async #attempt(info: PeerInfo, over: () => boolean): Promise<Error | undefined> {
    const { publicKey } = info
    revive(info)
    dial(this.#swarm, info)
    const dialled = connectionTo(this.#swarm, publicKey)
    let cause: Error | undefined
    const onerror = (error: Error) => {
      cause = error
    }
    dialled?.on('error', onerror)
    const start = performance.now()
    await this.#until(() => {
      if (over() || this.isOpen(publicKey)) return true
      if (dialled?.connected && performance.now() - start < PATIENCE) return false
      return !['dialling', 'closing'].includes(this.#state(publicKey))
    })
    dialled?.removeListener('error', onerror)
    return cause
  }

  #isSettled(info: PeerInfo, attempts: number): boolean {
    const { publicKey, banned, proven, queued } = info
    if (banned || infoOf(this.#swarm, publicKey) !== info || !this.#handovers.wants(publicKey)) return true
    const state = this.#state(publicKey)
    if (state !== 'queued' && state !== 'dialling') return true
    if (info.attempts > attempts || (info.attempts > 0 && !proven)) return true
    // Hyperswarm takes from its queue at once while dials are free, unless it has peers enough.
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
      // One listener for all who wait, since each emitter warns of more than ten.
      this.#change ??= this.#changed()
      await this.#change
    }
  }

  /**
   * Resolves after the next event. Not at once: Hyperswarm emits in the midst of its work, when a peer next in its
   * queue looks like one without room.
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
