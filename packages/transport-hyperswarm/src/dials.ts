import { NetworkerError } from '@basestore/networker/transport'
import type { Handovers } from './handovers.js'
import { NAME } from './options.js'
import { type Connection, hex, type PeerInfo, type Swarm, type SwarmEvent } from './swarm.js'

type DialState = 'queued' | 'dialling' | 'open' | 'closing' | 'idle'

/** Any of these may change the state of a dial. */
const EVENTS: readonly SwarmEvent[] = ['update', 'ban', 'connection']

/** Waits for the swarm's dials. */
export class Dials {
  readonly #swarm: Swarm
  readonly #handovers: Handovers
  readonly #checks = new Set<() => void>()
  #checking = false

  constructor(swarm: Swarm, handovers: Handovers) {
    this.#swarm = swarm
    this.#handovers = handovers
    handovers.onsettle = () => this.recheck()
  }

  /** Looks again at what is waited for; for changes that the swarm does not tell of. */
  recheck = (): void => {
    if (this.#checking) return
    this.#checking = true
    // Hyperswarm emits in the midst of its work: a peer next in its queue looks like one without room.
    queueMicrotask(() => {
      this.#checking = false
      for (const check of [...this.#checks]) check()
    })
  }

  /** Whether a connection to this peer was handed over, if need be now. */
  isOpen(key: Uint8Array): boolean {
    const connection = this.#swarm._allConnections.get(key)
    if (!connection || this.#state(key) !== 'open') return false
    // The networker may want by now what it did not want before.
    this.#handovers.offer(connection)
    return this.#handovers.isHandedOver(connection)
  }

  /**
   * Resolves when each peer that was found under this topic is connected, refused, gone, has failed once, or finds
   * no room; or when `over` returns true. Not `swarm.flush()`: that waits for all topics, and for ever after
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
  async dial(key: Uint8Array, over: () => boolean): Promise<void> {
    const known = this.#info(key)
    const failure: Failure = { cause: undefined }
    const settled = async () => {
      await this.#until(() => over() || !this.#isPending(key, failure))
      return over() || this.isOpen(key)
    }
    try {
      // One that is just closing keeps Hyperswarm from dialling.
      await this.#until(() => over() || this.#state(key) !== 'closing')
      this.#begin(key)
      const relayed = this.#info(key)?.forceRelaying
      if (await settled()) return
      // Hyperswarm turns to the relay only after a first failure.
      if (!relayed && this.#info(key)?.forceRelaying) {
        this.#begin(key)
        if (await settled()) return
      }
      throw unreachable(
        key,
        this.#info(key)?.banned ? new Error('the firewall option refuses it') : failure.cause
      )
    } finally {
      failure.forget?.()
      // An explicit peer lowers Hyperswarm's maxPeers. One that the app made explicit stays so.
      if (!known?.explicit) this.#swarm.leavePeer(key)
    }
  }

  #begin(key: Uint8Array): void {
    const known = this.#info(key)
    if (known) {
      known.reconnect(true)
      known.attempts = 0 // after a failure Hyperswarm would make us wait
    }
    this.#swarm.joinPeer(key)
    // joinPeer leaves a peer that is queued already in its queue, where it may find no room for ever.
    this.#swarm._attemptClientConnections()
  }

  #isPending(key: Uint8Array, failure: Failure): boolean {
    const state = this.#state(key)
    if (state === 'dialling') watch(this.#swarm._allConnections.get(key), failure)
    return state === 'dialling' || state === 'queued' || state === 'closing'
  }

  #isSettled(info: PeerInfo, attempts: number): boolean {
    const { publicKey, banned, proven, queued } = info
    if (banned || this.#info(publicKey) !== info) return true
    const state = this.#state(publicKey)
    if (state !== 'queued' && state !== 'dialling') return true
    if (info.attempts > attempts || (info.attempts > 0 && !proven)) return true
    // Hyperswarm takes from its queue at once while dials are free, unless it has peers enough.
    return queued && this.#swarm.connecting < this.#swarm.maxParallel
  }

  #state(key: Uint8Array): DialState {
    const connection = this.#swarm._allConnections.get(key)
    if (!connection) return this.#info(key)?.queued ? 'queued' : 'idle'
    if (!this.#swarm.connections.has(connection) || this.#handovers.isOpening(connection)) return 'dialling'
    return connection.destroying ? 'closing' : 'open'
  }

  #info(key: Uint8Array): PeerInfo | undefined {
    return this.#swarm.peers.get(hex(key))
  }

  async #until(condition: () => boolean): Promise<void> {
    if (condition()) return
    let check = noop
    try {
      await new Promise<void>((resolve) => {
        check = () => condition() && resolve()
        // One listener for all who wait, since each emitter warns of more than ten.
        if (this.#checks.size === 0) for (const event of EVENTS) this.#swarm.on(event, this.recheck)
        this.#checks.add(check)
      })
    } finally {
      this.#checks.delete(check)
      if (this.#checks.size === 0) for (const event of EVENTS) this.#swarm.removeListener(event, this.recheck)
    }
  }
}

/** Why a dial failed, for the error's cause. */
interface Failure {
  dial?: Connection
  cause: unknown
  forget?: () => void
}

function watch(dial: Connection | undefined, failure: Failure): void {
  if (!dial || dial === failure.dial) return
  failure.forget?.()
  const onerror = (error: Error) => {
    failure.cause = error
  }
  dial.on('error', onerror)
  failure.dial = dial
  failure.forget = () => dial.removeListener('error', onerror)
}

function unreachable(key: Uint8Array, cause: unknown): NetworkerError {
  const reason = cause instanceof Error ? cause.message : 'it closed the connection'
  return new NetworkerError(
    'CONNECT_FAILED',
    `${hex(key)} cannot be reached (${reason}); check that it runs, and announces a topic or listens`,
    { transport: NAME, cause }
  )
}

function noop(): void {}
