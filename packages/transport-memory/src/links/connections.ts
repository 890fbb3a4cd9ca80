import {
  isNetworkerError,
  type NoiseStream,
  type RawStream,
  secure,
  type TransportHost
} from '@basestore/networker/transport'
import { idOf } from '../discovery/directory.js'
import type { Host } from '../host.js'
import { Attempt, type Outcome, type Reason } from './attempt.js'
import type { LinkEnd } from './link-end.js'
import type { Links } from './links.js'

/** What every stream of this transport says carries it. */
const TYPE = 'memory'
/** Dials at a time. `wants` counts peers, not dials, so each one beyond the need is a handshake for nothing. */
const PARALLEL_DIALS = 8
const OPENED: Outcome = { opened: true }
const REFUSED: Outcome = { opened: false }

export interface ConnectionsOptions {
  readonly host: TransportHost
  readonly address: string
  /** The computer that it runs on. */
  readonly machine: Host
  readonly links: Links
}

/** Who is at the other end. */
export type Remote = Pick<Connections, 'id' | 'publicKey' | 'address'>

/** Whom a dial is for. */
export interface Target extends Remote {
  readonly machine: Host
  /** Takes the far end of a dial. */
  accept(end: LinkEnd, from: Remote): void
}

/** One peer's connections: those that are open, and those on their way. */
export class Connections implements Target {
  readonly publicKey: Uint8Array
  readonly id: string
  readonly address: string
  readonly machine: Host
  readonly #host: TransportHost
  readonly #links: Links
  #listening = false
  readonly #streams = new Map<string, Set<NoiseStream>>()
  readonly #dials = new Map<string, Attempt>()
  /** The latest from each peer. */
  readonly #arrivals = new Map<string, Attempt>()
  /** Dials and arrivals, all of them. */
  readonly #attempts = new Set<Attempt>()
  #dialling = 0
  readonly #queue: (() => void)[] = []

  constructor({ host, address, machine, links }: ConnectionsOptions) {
    this.publicKey = host.keyPair.publicKey
    this.id = idOf(this.publicKey)
    this.address = address
    this.machine = machine
    this.#host = host
    this.#links = links
  }

  has(id: string): boolean {
    for (const { destroying } of this.#streams.get(id) ?? []) if (!destroying) return true
    return false
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

  /** A reason is gone: aborts the dial that nobody else wants. */
  reconsider(remote: Target): void {
    const dial = this.#dials.get(remote.id)
    if (dial && !dial.wanted) dial.abort()
  }

  /** Takes the far end of a dial, as a listening socket does. */
  accept(end: LinkEnd, from: Remote): void {
    if (!this.#listening || !this.#host.wants(from.publicKey)) {
      end.destroy()
      return
    }
    const arrival = new Attempt()
    arrival.done = this.#arrive(end, from, arrival)
  }

  /** Refuses who comes, and aborts what is on its way. Open streams stay open. */
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
      const end = this.#links.dial(this.machine, remote.machine, (far) => remote.accept(far, this))
      return await this.#handshake(end, remote, dial, true)
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
    if (!this.#listening || this.machine.isDead) return false
    return wanted && !this.has(remote.id) && this.#host.wants(remote.publicKey)
  }

  async #handshake(end: LinkEnd, remote: Remote, attempt: Attempt, isInitiator: boolean): Promise<Outcome> {
    attempt.end = end
    try {
      const { keyPair } = this.#host
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
    if (!isExpected) this.#host.fault(error)
    return { opened: false, cause: error }
  }

  #handOver(stream: NoiseStream, remote: Remote, { aborted, topics }: Attempt): Outcome {
    const over = stream.destroying || aborted || this.#host.signal.aborted
    if (over || !this.#host.wants(stream.remotePublicKey)) {
      stream.destroy()
      return REFUSED
    }
    this.#keep(stream)
    const info = { type: TYPE, remoteAddress: remote.address }
    this.#host.connected(stream, topics.length > 0 ? { ...info, topics } : info)
    return OPENED
  }

  #keep(stream: NoiseStream): void {
    const id = idOf(stream.remotePublicKey)
    const streams = this.#streams.get(id) ?? new Set()
    this.#streams.set(id, streams.add(stream))
    stream.on('close', () => {
      if (streams.delete(stream) && streams.size === 0) this.#streams.delete(id)
    })
  }
}
