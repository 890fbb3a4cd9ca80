import { NetworkerError } from '@basestore/extensions'
import type { OnlineState, TopicMode, Transport, TransportHost } from './contract.js'
import { abortable, settledWithin } from './wait.js'

/** Time for a transport to stop, or to leave a topic (ms). After it we no longer wait, and report a failure. */
const STOP_TIMEOUT = 10_000

interface TransportSlotContext {
  onfault(error: unknown): void
  /** The state of {@link TransportSlot.online} may be another. */
  ononline(): void
}

/** A transport with its place in the list and its state. Its failures become faults. */
export class TransportSlot {
  readonly transport: Transport
  /** Its place in the list. The transport listed first has rank 0, and is preferred. */
  readonly rank: number
  readonly #context: TransportSlotContext
  /** What the transport told last; undefined when it never did. */
  #told: OnlineState | undefined
  /** The latest trouble that the transport told since it was online. */
  #trouble: unknown
  #state: 'idle' | 'starting' | 'started' | 'suspended' | 'failed' | 'stopped' = 'idle'
  #starting: Promise<void> = Promise.resolve()

  constructor(transport: Transport, rank: number, context: TransportSlotContext) {
    this.transport = transport
    this.rank = rank
    this.#context = context
  }

  get name(): string {
    return this.transport.name
  }

  get started(): boolean {
    return this.#state === 'started'
  }

  /** Whether others can reach us through it. A started transport that never tells counts as online. */
  get online(): OnlineState {
    return this.started ? (this.#told ?? 'online') : 'offline'
  }

  /** The latest trouble that the transport told since it was online; undefined when it told none. */
  get trouble(): unknown {
    return this.#trouble
  }

  /** The transport tells whether others can reach us. */
  tellOnline(state: OnlineState): void {
    this.#told = state
    if (state === 'online') this.#trouble = undefined
    this.#context.ononline()
  }

  /** The transport tells trouble. */
  tellFault(error: unknown): void {
    this.#trouble = error
    this.#context.onfault(error)
  }

  get canConnect(): boolean {
    return this.started && typeof this.transport.connect === 'function'
  }

  get canSuspend(): boolean {
    return typeof this.transport.suspend === 'function' && typeof this.transport.resume === 'function'
  }

  /** @throws NetworkerError `START_FAILED` */
  start(host: TransportHost): Promise<void> {
    this.#state = 'starting'
    this.#starting = this.#start(host)
    return this.#starting
  }

  async #start(host: TransportHost): Promise<void> {
    try {
      await this.transport.start(host)
      if (this.#state === 'starting') this.#state = 'started'
      this.#context.ononline()
    } catch (cause) {
      if (this.#state === 'starting') this.#state = 'failed'
      throw new NetworkerError('START_FAILED', `transport '${this.name}' did not start: ${reason(cause)}`, {
        transport: this.name,
        cause
      })
    }
  }

  join(topic: Uint8Array, mode: TopicMode): void {
    try {
      this.transport.join(topic, mode)
    } catch (error) {
      this.#context.onfault(error)
    }
  }

  async leave(topic: Uint8Array): Promise<void> {
    try {
      const leaving = Promise.resolve(this.transport.leave(topic))
      if (await settledWithin(leaving, STOP_TIMEOUT)) return await leaving
      throw new NetworkerError(
        'TRANSPORT_CONTRACT',
        `'${this.name}' did not leave a topic within ${STOP_TIMEOUT} ms; settle leave() also without an answer`,
        { transport: this.name }
      )
    } catch (error) {
      this.#context.onfault(error)
    }
  }

  /**
   * Resolves to false when the transport failed, which is told as a fault. Rejects with the signal's reason, unless the
   * transport ignores the signal.
   */
  async flush(topic: Uint8Array, signal: AbortSignal): Promise<boolean> {
    try {
      await this.transport.flush(topic, { signal })
      return true
    } catch (error) {
      signal.throwIfAborted()
      this.#context.onfault(error)
      return false
    }
  }

  /** Rejects with the signal's reason, even if the transport ignores the signal. */
  async connect(remotePublicKey: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#state === 'suspended') {
      const detail = `transport '${this.name}' is suspended; await resume() first`
      throw new NetworkerError('CONNECT_FAILED', detail, { transport: this.name })
    }
    await abortable(this.transport.connect!(remotePublicKey, { signal }), signal)
  }

  async suspend(): Promise<void> {
    if (!this.started || !this.canSuspend) return
    this.#state = 'suspended' // at once: until it has resumed, only stop() may be called
    await this.#attempt(this.transport.suspend!())
  }

  async resume(): Promise<void> {
    if (this.#state !== 'suspended') return
    await this.#attempt(this.transport.resume!())
    if (this.#state === 'suspended') this.#state = 'started'
  }

  /** @throws NetworkerError `STOP_FAILED` when the transport fails to stop, or not in time. */
  async stop(): Promise<void> {
    if (this.#state === 'idle') return
    this.#state = 'stopped' // at once: nothing else may be called from here on
    await settledWithin(this.#starting, STOP_TIMEOUT) // the aborted host signal ends a start under way
    try {
      const stopping = Promise.resolve(this.transport.stop())
      if (await settledWithin(stopping, STOP_TIMEOUT)) return await stopping
    } catch (cause) {
      throw this.#stopFailed(`it threw: ${reason(cause)}`, cause)
    }
    throw this.#stopFailed(`it was not done after ${STOP_TIMEOUT} ms and may hold handles`)
  }

  #stopFailed(why: string, cause?: unknown): NetworkerError {
    return new NetworkerError('STOP_FAILED', `transport '${this.name}': ${why}`, {
      transport: this.name,
      cause
    })
  }

  async #attempt(done: Promise<void>): Promise<void> {
    try {
      await done
    } catch (error) {
      this.#context.onfault(error)
    }
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
