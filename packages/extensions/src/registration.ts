import { checkOptions, type OptionKinds } from './check-options.js'
import type { ExtensionsContext, LocalName, NameListener } from './context.js'
import { type Codec, codecOf, JSON_CODEC } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import type { Extension, Handlers } from './extension.js'
import { guard, noop } from './guard.js'
import { reserve, type Span } from './outbox.js'
import type { Route } from './route.js'
import { SetView } from './set-view.js'
import {
  checkSize,
  encodeAnnounce,
  encodeMessage,
  encodeRetract,
  MAX_NAME_SIZE,
  MAX_NAMES,
  malformed
} from './wire.js'

/** Time between two looks whether a mux is still corked (ms). No event tells when it is uncorked. */
const UNCORK_INTERVAL = 20

type AnyHandlers<P extends object> = Handlers<P, unknown> & { encoding?: unknown }

const HANDLERS: OptionKinds<AnyHandlers<object> & { name?: string }> = {
  name: 'any',
  encoding: 'any',
  onmessage: 'function',
  onerror: 'function',
  onopen: 'function',
  onclose: 'function'
}

/** One registration of a name: the user's handlers, and the {@link Extension} that the user gets. */
export class Registration<P extends object> implements NameListener<P> {
  /** Its functions also work when they are taken off the object. */
  readonly extension: Extension<P, unknown>
  readonly #context: ExtensionsContext<P>
  readonly #name: string
  readonly #handlers: AnyHandlers<P>
  readonly #codec: Codec<unknown>
  readonly #peers = new Set<P>()
  /** Peers whose `onopen` waits until `register` has returned. */
  readonly #greeting = new Set<P>()
  /** Undefined before the name is registered, and after `destroy`. */
  #local: LocalName<P> | undefined
  #destroyed = false

  /** @param create gives the handlers. It may keep the extension, but not use it yet. */
  constructor(
    context: ExtensionsContext<P>,
    name: string,
    create: (extension: Extension<P, unknown>) => AnyHandlers<P>
  ) {
    check(isName(name), `name must be a string of 1 to ${MAX_NAME_SIZE} bytes in UTF-8`)
    this.#context = context
    this.#name = name
    this.extension = this.#createExtension()
    this.#handlers = create(this.extension)
    checkOptions<AnyHandlers<P> & { name?: string }>(this.#handlers, HANDLERS, {
      what: `the handlers of '${name}'`
    })
    this.#codec = codecOf(this.#handlers.encoding)
    this.#register()
    this.#greetPeers()
  }

  update(peer: P, open: boolean): void {
    if (!this.#local || open === this.#peers.has(peer)) return
    if (open) {
      this.#peers.add(peer)
      this.#tell('onopen', peer)
      return
    }
    this.#peers.delete(peer)
    // A peer whose onopen was never called gets no onclose.
    if (!this.#greeting.delete(peer)) this.#tell('onclose', peer)
  }

  receive(message: Uint8Array, peer: P): void {
    this.#greet(peer)
    this.#call(peer, () => {
      checkSize(message.byteLength, this.#context.maxMessageSize)
      return this.#handlers.onmessage?.(this.#decode(message), peer)
    })
  }

  destroy(): void {
    this.#destroyed = true
    const local = this.#local
    if (!local) return
    this.#local = undefined
    this.#greeting.clear()
    this.#peers.clear()
    local.registrations = local.registrations.filter((one) => one !== this)
    if (local.registrations.length > 0) return
    this.#context.names.delete(this.#name)
    this.#tellRemotes(encodeRetract(local.id))
  }

  #createExtension(): Extension<P, unknown> {
    return {
      name: this.#name,
      peers: new SetView(this.#peers),
      send: (message, peer) => {
        this.#assertRegistered()
        const route = this.#routeTo(peer)
        return this.#sendOver(route, this.#encode(message))
      },
      broadcast: (message) => {
        const span = this.#encode(message)
        for (const route of this.#context.routes.values()) this.#sendOver(route, span)
      },
      drained: (peer) => {
        const done = this.#drained(peer)
        done.catch(noop) // a caller that ignores the promise must not end the process
        return done
      },
      destroy: () => this.destroy()
    }
  }

  #register(): void {
    const { names } = this.#context
    const known = names.get(this.#name)
    const local = known ?? { id: this.#context.nextId++, registrations: [] }
    if (!known) {
      check(names.size < MAX_NAMES, `at most ${MAX_NAMES} names; destroy an extension first`)
      names.set(this.#name, local)
      this.#tellRemotes(encodeAnnounce(local.id, this.#name))
    }
    local.registrations = [...local.registrations, this]
    this.#local = local
  }

  #tellRemotes(frame: Uint8Array): void {
    for (const link of this.#context.links.values()) link.write(frame)
  }

  /** Tells `onopen` of the peers that have the name open already, once `register` has returned. */
  #greetPeers(): void {
    for (const route of this.#context.routes.values()) {
      if (!route.has(this.#name)) continue
      this.#peers.add(route.peer)
      this.#greeting.add(route.peer)
    }
    queueMicrotask(() => {
      for (const peer of this.#greeting) this.#greet(peer)
    })
  }

  #greet(peer: P): void {
    if (this.#greeting.delete(peer)) this.#tell('onopen', peer)
  }

  /** @throws NetworkerError `CLOSED` */
  #assertRegistered(): LocalName<P> {
    if (this.#local) return this.#local
    if (this.#context.closed) throw this.#context.closed
    const why = this.#destroyed
      ? 'was destroyed; register it again'
      : 'is not registered yet; use it once register() has returned'
    throw new NetworkerError('CLOSED', `extension '${this.#name}' ${why}`)
  }

  /** @throws NetworkerError `PEER_GONE` */
  #routeTo(peer: P): Route<P> {
    const route = this.#context.routes.get(peer)
    if (route) return route
    throw new NetworkerError('PEER_GONE', 'none of its streams is attached')
  }

  async #drained(peer: P): Promise<void> {
    this.#assertRegistered()
    for (;;) {
      const { current, waiting } = this.#routeTo(peer)
      if (!current?.backpressured) return
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        if (current.corked) setTimeout(resolve, UNCORK_INTERVAL)
      })
    }
  }

  /** @throws NetworkerError `CLOSED`, `MESSAGE_TOO_LARGE`, `INVALID_OPTION` */
  #encode(message: unknown): Span {
    const { id } = this.#assertRegistered()
    const codec = this.#codec
    try {
      const sending = { id, codec, maxSize: this.#context.maxMessageSize }
      return encodeMessage(sending, codec === JSON_CODEC ? JSON.stringify(message) : message, reserve)
    } catch (cause) {
      if (cause instanceof NetworkerError) throw cause
      const detail = `extension '${this.#name}' cannot encode the message: ${cause}`
      throw new NetworkerError('INVALID_OPTION', detail, { cause })
    }
  }

  /** @throws NetworkerError `MALFORMED_MESSAGE` */
  #decode(buffer: Uint8Array): unknown {
    try {
      return this.#codec.decode({ start: 0, end: buffer.byteLength, buffer })
    } catch (cause) {
      throw malformed(`extension '${this.#name}' cannot decode it: ${cause}`, cause)
    }
  }

  #sendOver({ current, queued, peer }: Route<P>, span: Span): boolean {
    // The peer has rejected our channel. It gets nothing, like a peer without this extension.
    if (!current) return true
    const { maxBacklog } = this.#context
    // A first message is taken whatever its size.
    if (queued === 0 || queued + span.end - span.start <= maxBacklog) return current.send(span)
    const detail = `${queued} bytes wait; a message was dropped: await drained(peer)`
    this.#fail(new NetworkerError('BACKLOG_FULL', detail), peer)
    return false
  }

  #tell(event: 'onopen' | 'onclose', peer: P): void {
    this.#call(peer, () => this.#handlers[event]?.(peer))
  }

  #call(peer: P, call: () => unknown): void {
    guard(call, (error) => this.#fail(error, peer))
  }

  #fail(error: unknown, peer: P): void {
    const { fault } = this.#context
    if (this.#handlers.onerror) guard(() => this.#handlers.onerror!(error, peer), fault)
    else fault(error)
  }
}

/** Half of a surrogate pair is refused: it would arrive as another name. */
function isName(name: unknown): boolean {
  const bytes = Buffer.from(String(name))
  return bytes.length > 0 && bytes.length <= MAX_NAME_SIZE && bytes.toString() === name
}
