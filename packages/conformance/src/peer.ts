import type { TopicMode, Transport } from '@basestore/networker/transport'
import { type Bound, within } from './bound.js'
import { hex } from './bytes.js'
import type { RecordedConnection } from './recorded-connection.js'
import { RecordingHost, type RecordingHostOptions } from './recording-host.js'

export const BOTH: TopicMode = Object.freeze({ announce: true, lookup: true })
export const ANNOUNCE: TopicMode = Object.freeze({ announce: true, lookup: false })
export const LOOKUP: TopicMode = Object.freeze({ announce: false, lookup: true })

/** The share of a case's time for a step that other cases judge: when it hangs, this one goes on without it. */
const PATIENCE = 1 / 10

/** As many peers as the count says. */
export type Peers<N extends number, P extends Peer[] = []> = number extends N
  ? Peer[]
  : P['length'] extends N
    ? P
    : Peers<N, [...P, Peer]>

/** A transport, with a host that keeps the core's promises to it. */
export class Peer {
  /** A letter, for messages. */
  readonly name: string
  readonly transport: Transport
  readonly host: RecordingHost
  readonly #bound: Bound
  /** Ends the flushes and the dials in hand when the peer suspends or stops, as the networker does. */
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

  /** What was handed over and is open. */
  get connections(): RecordedConnection[] {
    return this.host.open
  }

  /** Whether a stream of this peer was handed over and is open. */
  has(remote: Peer): boolean {
    return this.host.has(remote.key)
  }

  /** Whether a stream of this peer was ever handed over. */
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

  /** Leaves a topic. When that hangs, it goes on after a while. */
  async leave(topic: Uint8Array): Promise<void> {
    await this.#patiently(this.left(topic))
  }

  /** Resolves when the transport says that it has left. */
  async left(topic: Uint8Array): Promise<void> {
    const id = hex(topic)
    const leaving = this.#leaving.get(id)
    if (leaving) return leaving
    if (!this.#modes.delete(id)) return
    this.#topics.delete(id)
    const left = Promise.resolve(this.transport.leave(copy(topic))).finally(() => this.#leaving.delete(id))
    this.#leaving.set(id, left)
    await this.#bound.wait(`${this.name}'s leave()`, left)
  }

  /** Flushes, as a step on the way: whether that hangs or fails is for other cases to judge. */
  async settle(topic: Uint8Array): Promise<void> {
    await this.#patiently(this.flush(topic))
  }

  flush(topic: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#call('flush', (options) => this.transport.flush(copy(topic), options), signal)
  }

  /** Only for cases that need `connect`. */
  connect(key: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#call('connect', (options) => this.transport.connect!(copy(key), options), signal)
  }

  /** Suspends as a networker does, but leaves the streams to the transport. Only for cases that need `suspend`. */
  async suspend(): Promise<void> {
    this.host.suspended = true
    this.#endCalls(new Error(`${this.name} is suspended`))
    await this.#bound.wait(`${this.name}'s suspend()`, this.transport.suspend!())
  }

  /** Resumes as a networker does: it wants peers again once the transport has resumed, and flushes its topics. */
  async resume(): Promise<void> {
    await this.#bound.wait(`${this.name}'s resume()`, this.transport.resume!())
    this.host.suspended = false
    for (const topic of this.#topics.values()) this.flush(topic).catch(noop) // for other cases to judge
  }

  /** Stops as a networker does: nothing new, calls in hand end, streams end while the transport stops. */
  async stop(): Promise<void> {
    const stopped = this.stopped()
    for (const stream of this.host.streams) stream.destroy()
    await stopped
    await this.#bound.until(`the close of ${this.name}'s streams`, () =>
      this.host.connections.every(({ closes }) => closes > 0)
    )
  }

  /** Resolves when the transport says that it has stopped. Streams are left to it. */
  stopped(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#bound.wait(`${this.name}'s stop()`, this.#stopping)
  }

  /** After the case: whatever is left ends, and nothing that fails is told. */
  async tearDown(ms: number): Promise<void> {
    this.#stopping ??= this.#stop()
    for (const stream of this.host.streams) stream.destroy()
    await within(ms, this.#stopping)
  }

  async #start(): Promise<void> {
    await this.transport.start(this.host)
  }

  async #stop(): Promise<void> {
    const reason = new Error(`${this.name} stops`)
    this.host.abort(reason)
    this.#endCalls(reason)
    if (!this.#starting) return
    await this.#patiently(this.#starting) // the aborted signal ends a start in hand
    await this.transport.stop()
  }

  /** Runs in the tick of the call. */
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
    await within(this.#bound.ms * PATIENCE, step)
  }
}

function noop(): void {}

/** The core's copies are private. Bytes of the kind that came, so that a case can pass plain ones. */
function copy(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? Buffer.from(bytes) : Uint8Array.from(bytes)
}
