import { type Format, formatOf } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import type { Extension, Handlers } from './extension.js'
import { type Hub, watch } from './hub.js'
import type { PeerLinks } from './peer-links.js'
import { encodeData, MAX_NAME_SIZE, stateOf, tooLarge } from './wire.js'

const HANDLERS = ['onmessage', 'onerror', 'onopen', 'onclose'] as const

/** The extension that a user holds. */
export class Registration<P extends object> implements Extension<P, unknown> {
  readonly name: string
  readonly #hub: Hub<P>
  readonly #peers = new Set<P>()
  /** Those whose `onopen` waits until `register` has returned. */
  #greeting: Set<P> | null = null
  #handlers: Handlers<P, unknown> = {}
  #format: Format = formatOf()
  /** Null before it is registered, and after it was destroyed. */
  #id: number | null = null

  constructor(hub: Hub<P>, name: string) {
    check(
      typeof name === 'string' &&
        name !== '' &&
        Buffer.byteLength(name) <= MAX_NAME_SIZE &&
        isWellFormed(name),
      `name must be a string of 1 to ${MAX_NAME_SIZE} bytes in UTF-8`
    )
    this.name = name
    this.#hub = hub
  }

  get peers(): ReadonlySet<P> {
    return this.#peers
  }

  register(handlers: Handlers<P, unknown> & { encoding?: unknown }): void {
    check(typeof handlers === 'object' && handlers !== null, `handlers of '${this.name}' must be an object`)
    for (const key of HANDLERS) {
      const handler = handlers[key]
      check(
        handler === undefined || typeof handler === 'function',
        `${key} of '${this.name}' must be a function`
      )
    }
    this.#format = formatOf(handlers.encoding)
    this.#handlers = handlers
    this.#id = this.#hub.register(this)
  }

  send(message: unknown, peer: P): boolean {
    const id = this.#registered()
    const links = this.#hub.peer(peer)
    return this.#sendTo(links, this.#encode(id, message))
  }

  broadcast(message: unknown): void {
    const frame = this.#encode(this.#registered(), message)
    for (const links of this.#hub.peers) this.#sendTo(links, frame)
  }

  drained(peer: P): Promise<void> {
    const drained = this.#drained(peer)
    // One who does not look at the promise must not end the process.
    drained.catch(() => {})
    return drained
  }

  destroy(): void {
    if (this.#id === null) return
    this.#id = null
    this.#greeting = null
    this.#peers.clear()
    this.#hub.unregister(this)
  }

  /** @param when `'later'` within `register`, whose caller does not yet hold the extension */
  opened(peer: P, when?: 'later'): void {
    if (this.#peers.has(peer) || (this.#id === null && !when)) return
    this.#peers.add(peer)
    if (!when) {
      this.#tell('onopen', peer)
      return
    }
    if (!this.#greeting) queueMicrotask(() => this.#greetAll())
    this.#greeting ??= new Set()
    this.#greeting.add(peer)
  }

  closed(peer: P): void {
    if (!this.#peers.delete(peer)) return
    // One that was never told of is not told to be gone.
    if (this.#greeting?.delete(peer)) return
    this.#tell('onclose', peer)
  }

  received(payload: Uint8Array, peer: P): void {
    if (this.#greeting) this.#greet(peer)
    const { maxMessageSize } = this.#hub
    if (payload.byteLength > maxMessageSize) {
      this.#fail(tooLarge(payload.byteLength, maxMessageSize), peer)
      return
    }
    // Not through hub.guard: a closure for each message is measurable.
    try {
      const result = this.#handlers.onmessage?.(this.#format.decode(stateOf(payload)), peer)
      if (result !== undefined) watch(result, (error) => this.#fail(error, peer))
    } catch (error) {
      this.#fail(error, peer)
    }
  }

  #registered(): number {
    if (this.#id !== null) return this.#id
    throw new NetworkerError(
      'CLOSED',
      `extension '${this.name}' is not registered; register it (again) first`
    )
  }

  async #drained(peer: P): Promise<void> {
    this.#registered()
    await this.#hub.peer(peer).drained()
  }

  #encode(id: number, message: unknown): Uint8Array {
    try {
      return encodeData(id, this.#format, message, this.#hub.maxMessageSize)
    } catch (cause) {
      if (cause instanceof NetworkerError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new NetworkerError(
        'INVALID_OPTION',
        `extension '${this.name}' cannot encode the message: ${reason}; see its encoding`,
        { cause }
      )
    }
  }

  #sendTo(links: PeerLinks<P>, frame: Uint8Array): boolean {
    const link = links.current
    if (!link) return true // like a peer without this extension; there is nothing to wait for
    const { queued } = links
    // A first message is taken whatever its size.
    if (queued === 0 || queued + frame.byteLength <= this.#hub.maxBacklog) return link.send(frame)
    this.#fail(
      new NetworkerError(
        'BACKLOG_FULL',
        `${queued} bytes wait already, a message of ${frame.byteLength} was dropped; await drained(peer) when send returns false`
      ),
      links.peer
    )
    return false
  }

  #greetAll(): void {
    for (const peer of this.#greeting ?? []) this.#greet(peer)
    this.#greeting = null
  }

  #greet(peer: P): void {
    if (this.#greeting?.delete(peer)) this.#tell('onopen', peer)
  }

  #tell(event: 'onopen' | 'onclose', peer: P): void {
    this.#hub.guard(
      () => this.#handlers[event]?.(peer),
      (error) => this.#fail(error, peer)
    )
  }

  #fail(error: unknown, peer: P): void {
    if (this.#handlers.onerror) this.#hub.guard(() => this.#handlers.onerror?.(error, peer))
    else this.#hub.fault(error)
  }
}

// Half of a surrogate pair would arrive as another name.
function isWellFormed(name: string): boolean {
  return Buffer.from(name).toString() === name
}
