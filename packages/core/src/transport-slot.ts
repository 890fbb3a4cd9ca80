import { NetworkerError } from '@basestore/extensions'
import type { TopicMode, Transport, TransportHost } from './contract.js'
import { abortable, settledWithin } from './wait.js'

/** Time for a transport to stop, or to leave a topic (ms). After it we no longer wait, and report a failure. */
const STOP_TIMEOUT = 10_000

/** A transport with its place in the list and its state. Its failures become faults. */
export class TransportSlot {
  readonly transport: Transport
  /** Its place in the list. The transport listed first has rank 0, and is preferred. */
  readonly rank: number
  readonly #onfault: (error: unknown) => void
  #state: 'idle' | 'starting' | 'started' | 'suspended' | 'failed' | 'stopped' = 'idle'
  #starting: Promise<void> = Promise.resolve()

  constructor(transport: Transport, rank: number, onfault: (error: unknown) => void) {
    this.transport = transport
    this.rank = rank
    this.#onfault = onfault
  }

  get name(): string {
    return this.transport.name
  }

  get started(): boolean {
    return this.#state === 'started'
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
      this.#onfault(error)
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
      this.#onfault(error)
    }
  }

  /** Rejects with the signal's reason, unless the transport ignores the signal. */
  async flush(topic: Uint8Array, signal: AbortSignal): Promise<void> {
    try {
      await this.transport.flush(topic, { signal })
    } catch (error) {
      signal.throwIfAborted()
      this.#onfault(error)
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
      this.#onfault(error)
    }
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
