import { NetworkerError } from '@basestore/extensions'
import { noop } from './noop.js'
import type { Store } from './store.js'

/** The networker, as its lifecycle sees it: one step for each change of state. */
interface LifecycleContext {
  readonly store: Store
  start(): Promise<void>
  suspend(): Promise<void>
  /** Takes up again what `suspend` ended. */
  resume(): Promise<void>
  /** The networker is open again after it was suspended. */
  onresumed(): void
  close(reason: NetworkerError): Promise<void>
}

/** The state of a networker, and its changes, one at a time. */
export class Lifecycle {
  readonly #context: LifecycleContext
  /** Closed as soon as closing begins. */
  #state: 'idle' | 'starting' | 'open' | 'suspended' | 'closed' = 'idle'
  #listening: Promise<void> | null = null
  #closing: Promise<void> | null = null
  /** Whether {@link listen} was called while suspended before the start. */
  #startOnResume = false
  /** The latest change between open and suspended. */
  #change: Promise<void> = Promise.resolve()

  constructor(context: LifecycleContext) {
    this.#context = context
  }

  /** Whether streams may be admitted: open, or about to be. */
  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'starting'
  }

  /** Whether nothing was started yet. */
  get isIdle(): boolean {
    return this.#state === 'idle'
  }

  get isSuspended(): boolean {
    return this.#state === 'suspended'
  }

  /** @throws NetworkerError `CLOSED` when closing has begun */
  assertOpen(): void {
    if (this.#state === 'closed') throw closed()
  }

  /** @throws NetworkerError `CLOSED` when closing has begun, or the store is closed */
  assertUsable(): void {
    this.assertOpen()
    if (!this.#context.store.closing) return
    throw new NetworkerError('CLOSED', 'the store is closed; make a new store and a new networker')
  }

  /** Starts, once. While suspended before the start, it starts on resume. */
  async listen(): Promise<void> {
    this.assertUsable()
    if (this.isSuspended && !this.#listening) {
      this.#startOnResume = true
      return
    }
    this.#listening ??= this.#start()
    await this.#listening
    this.assertOpen()
  }

  suspend(): Promise<void> {
    return this.#changeTo(async () => {
      if (this.#state !== 'open' && this.#state !== 'idle') return
      this.#state = 'suspended'
      await this.#context.suspend()
    })
  }

  resume(): Promise<void> {
    return this.#changeTo(async () => {
      if (!this.isSuspended) return
      if (this.#listening) await this.#resume()
      else if (!(await this.#startAfterAll())) return
      this.#context.onresumed()
    })
  }

  close(): Promise<void> {
    this.#state = 'closed'
    this.#closing ??= this.#context.close(closed())
    return this.#closing
  }

  async #start(): Promise<void> {
    this.#state = 'starting'
    try {
      await this.#context.start()
    } finally {
      this.assertOpen()
      this.#state = 'open'
    }
  }

  async #resume(): Promise<void> {
    await this.#context.resume()
    this.assertOpen()
    this.#state = 'open'
  }

  /** Starts now if {@link listen} was called while suspended. Returns false when it was not. */
  async #startAfterAll(): Promise<boolean> {
    this.#state = 'idle'
    if (this.#startOnResume) await this.listen()
    return this.#startOnResume
  }

  async #changeTo(change: () => Promise<void>): Promise<void> {
    this.assertOpen()
    this.#change = this.#change.then(() => this.#listening?.catch(noop)).then(change)
    await this.#change
  }
}

function closed(): NetworkerError {
  return new NetworkerError('CLOSED', 'the networker was closed; make a new one')
}
