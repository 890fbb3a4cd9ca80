import { NetworkerError, type TopicMode, type Transport } from '@basestore/networker/transport'
import { type Bound, settlesWithin } from './bound.js'
import { hex } from './bytes.js'
import { noop } from './noop.js'
import type { RecordedConnection } from './recorded-connection.js'
import { RecordingHost, type RecordingHostOptions } from './recording-host.js'

export const BOTH: TopicMode = Object.freeze({ announce: true, lookup: true })
export const ANNOUNCE: TopicMode = Object.freeze({ announce: true, lookup: false })
export const LOOKUP: TopicMode = Object.freeze({ announce: false, lookup: true })

/** The share of a case's time limit for a step that other cases judge. When it hangs, the case goes on without it. */
const PATIENCE = 1 / 10

/** A tuple of so many peers. */
export type Peers<N extends number, P extends Peer[] = []> = number extends N
  ? Peer[]
  : P['length'] extends N
    ? P
    : Peers<N, [...P, Peer]>

/** A transport with its host. It calls the transport as the core does, and keeps the core's promises. */
export class Peer {
  /** A letter, for messages. */
  readonly name: string
  readonly transport: Transport
  readonly host: RecordingHost
  readonly #bound: Bound
  /** Abort the flushes and dials in hand when the peer suspends or stops, as the networker does. */
  readonly #calls = new Set<AbortController>()
  readonly #topics = new Map<string, Uint8Array>()
  readonly #modes = new Map<string, TopicMode>()
  readonly #leaving = new Map<string, Promise<void>>()
  #starting: Promise<void> | null = null
  #stopping: Promise<void> | null = null

  constructor(name: string, transport: Transport, options: RecordingHostOptions, bound: Bound) {
    this.name = name
    this.transport = transport
    this.host = new RecordingHost({ ...options, onevent: bound.happened })
    this.#bound = bound
  }

  get key(): Uint8Array {
    return this.host.keyPair.publicKey
  }

  /** The connections that are open now. */
  get connections(): RecordedConnection[] {
    return this.host.open
  }

  /** Whether a connection to this peer is open. */
  has(remote: Peer): boolean {
    return this.host.has(remote.key)
  }

  /** Whether a connection to this peer was ever handed over. */
  met(remote: Peer): boolean {
    return this.host.met(remote.key)
  }

  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#bound.wait(`${this.name}'s start()`, this.#starting)
  }

  join(topic: Uint8Array, mode: TopicMode = BOTH): void {
    const id = hex(topic)
    const known = this.#modes.get(id)
    if (known?.announce === mode.announce && known.lookup === mode.lookup) return
    this.#modes.set(id, mode)
    this.#topics.set(id, topic)
    this.transport.join(copy(topic), mode)
  }

  async leave(topic: Uint8Array): Promise<void> {
    const id = hex(topic)
    const leaving = this.#leaving.get(id)
    if (leaving) return leaving
    if (!this.#modes.delete(id)) return
    this.#topics.delete(id)
    const left = Promise.resolve(this.transport.leave(copy(topic))).finally(() => this.#leaving.delete(id))
    this.#leaving.set(id, left)
    await this.#bound.wait(`${this.name}'s leave()`, left)
  }

  /** Leaves a topic on the way to something else. When that hangs or fails, the case goes on without it. */
  async tryLeave(topic: Uint8Array): Promise<void> {
    await this.#patiently(this.leave(topic))
  }

  flush(topic: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#call('flush', (options) => this.transport.flush(copy(topic), options), signal)
  }

  /** Flushes on the way to something else. When that hangs or fails, the case goes on without it. */
  async tryFlush(topic: Uint8Array): Promise<void> {
    await this.#patiently(this.flush(topic))
  }

  /** Only for cases that need `connect`. */
  connect(key: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#call('connect', (options) => this.transport.connect!(copy(key), options), signal)
  }

  /** Suspends as a networker does, but leaves the streams to the transport. Only for cases that need `suspend`. */
  async suspend(): Promise<void> {
    this.host.suspended = true
    this.#endCalls(new NetworkerError('CLOSED', `${this.name} is suspended`))
    await this.#bound.wait(`${this.name}'s suspend()`, this.transport.suspend!())
  }

  /** Resumes as a networker does: it wants peers again once the transport has resumed, and flushes its topics. */
  async resume(): Promise<void> {
    await this.#bound.wait(`${this.name}'s resume()`, this.transport.resume!())
    this.host.suspended = false
    for (const topic of this.#topics.values()) this.flush(topic).catch(noop) // other cases judge it
  }

  /** Aborts the calls in hand and stops the transport. Its streams are left as they are. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#bound.wait(`${this.name}'s stop()`, this.#stopping)
  }

  /** Stops, and destroys all streams meanwhile. */
  async close(): Promise<void> {
    const stopped = this.stop()
    for (const stream of this.host.streams) stream.destroy()
    await stopped
    await this.#bound.until(`the close of ${this.name}'s streams`, () =>
      this.host.connections.every(({ closes }) => closes > 0)
    )
  }

  /** Closes after the case, within a time limit of its own. Errors are not reported. */
  async tearDown(ms: number): Promise<void> {
    this.#stopping ??= this.#stop()
    for (const stream of this.host.streams) stream.destroy()
    await settlesWithin(ms, this.#stopping)
  }

  async #start(): Promise<void> {
    await this.transport.start(this.host)
  }

  async #stop(): Promise<void> {
    const reason = new NetworkerError('CLOSED', `${this.name} stops`)
    this.host.abort(reason)
    this.#endCalls(reason)
    if (!this.#starting) return
    await this.#patiently(this.#starting) // the aborted signal ends a start in hand
    await this.transport.stop()
  }

  /** Calls the transport in this very tick. */
  async #call(
    name: string,
    run: (options: { readonly signal: AbortSignal }) => Promise<void>,
    signal?: AbortSignal
  ): Promise<void> {
    const controller = new AbortController()
    this.#calls.add(controller)
    try {
      await this.#bound.wait(`${this.name}'s ${name}()`, run({ signal: signal ?? controller.signal }))
    } finally {
      this.#calls.delete(controller)
    }
  }

  #endCalls(reason: Error): void {
    for (const controller of this.#calls) controller.abort(reason)
  }

  async #patiently(step: Promise<void>): Promise<void> {
    await settlesWithin(this.#bound.ms * PATIENCE, step)
  }
}

/** The core gives transports private copies. A case can pass plain bytes, and the copy is of the same kind. */
function copy(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? Buffer.from(bytes) : Uint8Array.from(bytes)
}
