import {
  isNetworkerError,
  type NoiseStream,
  type RawStream,
  secure,
  type TransportHost,
  type TransportNote
} from '@basestore/networker/transport'
import { toId } from '../bytes.js'
import type { Host } from '../host.js'
import { Attempt, type Outcome, type Reason } from './attempt.js'
import { dialFailure } from './dial-failure.js'
import type { LinkEnd } from './link-end.js'
import type { Links } from './links.js'

/** `StreamInfo.type` of every stream. */
const TYPE = 'memory'
/** Dials at a time. `wants` counts peers, not dials: each dial beyond the need is a handshake for nothing. */
const PARALLEL_DIALS = 8
const OPENED: Outcome = { opened: true }
const REFUSED: Outcome = { opened: false }

/** The surroundings of a peer's connections. */
export interface ConnectionsContext {
  readonly transportHost: TransportHost
  readonly address: string
  /** The computer that the transport runs on. */
  readonly host: Host
  readonly links: Links
}

/** The peer at the other end. */
export type Remote = Pick<Connections, 'id' | 'publicKey' | 'address'>

/** A peer to dial. */
export interface Target extends Remote {
  readonly host: Host
  /** Takes the far end of a dial. */
  accept(end: LinkEnd, from: Remote): void
}

/** One peer's connections: those that are open, and those on their way. */
export class Connections implements Target {
  readonly publicKey: Uint8Array
  readonly id: string
  readonly address: string
  readonly host: Host
  readonly #transportHost: TransportHost
  readonly #links: Links
  #listening = false
  /** What the networker was told last. */
  #online: boolean | undefined
  readonly #streams = new Map<string, Set<NoiseStream>>()
  readonly #dials = new Map<string, Attempt>()
  /** The latest from each peer. */
  readonly #arrivals = new Map<string, Attempt>()
  /** Dials and arrivals, all of them. */
  readonly #attempts = new Set<Attempt>()
  #dialling = 0
  /** The dials that wait for their turn. */
  readonly #queue: (() => void)[] = []

  constructor({ transportHost, address, host, links }: ConnectionsContext) {
    this.publicKey = transportHost.keyPair.publicKey
    this.id = toId(this.publicKey)
    this.address = address
    this.host = host
    this.#transportHost = transportHost
    this.#links = links
  }

  has(id: string): boolean {
    for (const { destroying } of this.#streams.get(id) ?? []) if (!destroying) return true
    return false
  }

  /** Tells the networker whether others can reach us, when that has changed. */
  tellOnline(online: boolean): void {
    if (online === this.#online) return
    this.#online = online
    this.#transportHost.online(online ? 'online' : 'offline')
  }

  /** Tells the networker what this peer does. */
  note(note: TransportNote): void {
    this.#transportHost.note(note)
  }

  listen(): void {
    this.#listening = true
  }

  /** Dials a peer, unless a connection to it is open or on its way. Never rejects. */
  async reach(remote: Target, reason: Reason): Promise<Outcome> {
    if (this.has(remote.id)) return OPENED
    const arrival = this.#arrivals.get(remote.id)
    if (arrival && !this.#dials.has(remote.id) && (await arrival.done).opened) return OPENED
    return this.#dial(remote, reason)
  }

  /** Aborts the dial to a peer when none of its reasons counts any more. */
  reconsider(remote: Target): void {
    const dial = this.#dials.get(remote.id)
    if (dial && !dial.wanted) dial.abort()
  }

  /** Takes the far end of a dial, as a listening socket does. */
  accept(end: LinkEnd, from: Remote): void {
    if (!this.#listening) {
      end.destroy()
      return
    }
    const arrival = new Attempt()
    arrival.done = this.#arrive(end, from, arrival)
  }

  /** Refuses new dials, and aborts all attempts. Open streams stay open. */
  async stop(): Promise<void> {
    this.#listening = false
    const attempts = [...this.#attempts]
    for (const attempt of attempts) attempt.abort()
    await Promise.all(attempts.map(({ done }) => done))
  }

  async destroyStreams(): Promise<void> {
    const streams = [...this.#streams.values()].flatMap((set) => [...set])
    await Promise.all(
      streams.map((stream) => {
        stream.destroy()
        return new Promise<void>((resolve) => stream.once('close', resolve))
      })
    )
  }

  #dial(remote: Target, reason: Reason): Promise<Outcome> | Outcome {
    const running = this.#dials.get(remote.id)
    if (running && !running.aborted) {
      running.reasons.add(reason)
      return running.done
    }
    if (!this.#mayDial(remote, reason)) return REFUSED

    const dial = new Attempt()
    dial.reasons.add(reason)
    dial.done = this.#dialInTurn(remote, dial)
    return dial.done
  }

  async #dialInTurn(remote: Target, dial: Attempt): Promise<Outcome> {
    this.#dials.set(remote.id, dial)
    this.#attempts.add(dial)
    try {
      if (this.#dialling++ >= PARALLEL_DIALS) {
        await new Promise<void>((resolve) => this.#queue.push(resolve))
        if (!this.#mayDial(remote, dial)) return REFUSED
      }
      this.note({ type: 'dial', remotePublicKey: remote.publicKey })
      const end = this.#links.dial(this.host, remote.host, (far) => remote.accept(far, this))
      const outcome = await this.#handshake(end, remote, dial, true)
      if (dial.aborted) this.note({ type: 'failed', remotePublicKey: remote.publicKey, outcome: 'aborted' })
      else if (outcome.cause) this.note(dialFailure(this.host, remote, outcome.cause))
      return outcome
    } catch (error) {
      return this.#failed(error)
    } finally {
      this.#dialling--
      this.#attempts.delete(dial)
      if (this.#dials.get(remote.id) === dial) this.#dials.delete(remote.id)
      this.#queue.shift()?.()
    }
  }

  async #arrive(end: LinkEnd, from: Remote, arrival: Attempt): Promise<Outcome> {
    this.#arrivals.set(from.id, arrival)
    this.#attempts.add(arrival)
    try {
      return await this.#handshake(end, from, arrival, false)
    } finally {
      this.#attempts.delete(arrival)
      if (this.#arrivals.get(from.id) === arrival) this.#arrivals.delete(from.id)
    }
  }

  #mayDial(remote: Target, { wanted }: Reason): boolean {
    if (!this.#listening || this.host.isDead) return false
    return wanted && !this.has(remote.id) && this.#transportHost.wants(remote.publicKey)
  }

  async #handshake(end: LinkEnd, remote: Remote, attempt: Attempt, isInitiator: boolean): Promise<Outcome> {
    attempt.end = end
    try {
      const { keyPair } = this.#transportHost
      const remotePublicKey = isInitiator ? remote.publicKey : undefined
      const raw = end as unknown as RawStream // streamx's types ask `end` for an argument
      const stream = await secure(raw, { keyPair, isInitiator, remotePublicKey })
      return this.#handOver(stream, remote, attempt)
    } catch (error) {
      end.destroy()
      return this.#failed(error)
    }
  }

  #failed(error: unknown): Outcome {
    const isExpected = isNetworkerError(error) && error.code !== 'INVALID_OPTION'
    if (!isExpected) this.#transportHost.fault(error)
    return { opened: false, cause: error }
  }

  #handOver(stream: NoiseStream, remote: Remote, { aborted, topics }: Attempt): Outcome {
    const isTooLate = stream.destroying || aborted || this.#transportHost.signal.aborted
    if (isTooLate) {
      stream.destroy()
      return REFUSED
    }
    if (!this.#transportHost.wants(stream.remotePublicKey, { inbound: !stream.isInitiator })) {
      this.#transportHost.refuse(stream)
      return REFUSED
    }
    this.#keep(stream)
    const info = { type: TYPE, remoteAddress: remote.address }
    this.#transportHost.connected(stream, topics.length > 0 ? { ...info, topics } : info)
    return OPENED
  }

  #keep(stream: NoiseStream): void {
    const id = toId(stream.remotePublicKey)
    const streams = this.#streams.get(id) ?? new Set()
    this.#streams.set(id, streams.add(stream))
    stream.on('close', () => {
      if (streams.delete(stream) && streams.size === 0) this.#streams.delete(id)
    })
  }
}
