import type Protomux from 'protomux'
import { CHANNEL, type ChannelHandler } from './channel.js'
import type { ExtensionsContext } from './context.js'
import { check } from './errors.js'
import { guard } from './guard.js'
import type { MuxStream, StreamHooks } from './mux-stream.js'
import { Outlet } from './outlet.js'
import { Route, type RouteLink } from './route.js'
import {
  type ByeReason,
  decodeFrame,
  decodeHandshake,
  encodeBye,
  encodePresence,
  encodeUse,
  type FrameHandler,
  MAX_NAMES,
  malformed,
  type Presence
} from './wire.js'

/** The handshake of a side that does not tell which program it is. */
const NO_HANDSHAKE = new Uint8Array()

/** One attached stream: our channel on it, and the peer that it belongs to. */
export class Link<P extends object> extends Outlet<P> implements RouteLink, ChannelHandler, FrameHandler {
  readonly #hooks: StreamHooks
  #state: 'pending' | 'open' | 'detached' = 'pending'
  /** Null while the stream belongs to no peer: its messages are dropped. */
  #route: Route<P> | null = null
  /** The names that the remote has announced, by the remote's numbers. */
  readonly #names = new Map<number, string>()
  readonly #end: MuxStream['end']

  constructor(context: ExtensionsContext<P>, stream: MuxStream, hooks: StreamHooks) {
    super(context, stream)
    this.#hooks = hooks
    check(
      !context.links.has(stream) && !this.mux.opened(CHANNEL),
      'the stream is attached already; detach it first'
    )
    context.links.set(stream, this)
    // Paired for as long as we are attached: a remote that rejected us may open the channel later. The limit is for
    // a remote that opens and closes without reading: it would have us queue announces without end.
    this.mux.pair(CHANNEL, (id) => {
      if (id === null && !this.usable && this.queued <= context.maxBacklog) this.#open(this.#handshake())
    })
    stream.on('close', this.detach)
    this.#end = stream.end
    stream.end = (...args) => {
      this.flush() // messages sent in this tick go before the end
      return this.#end.apply(stream, args)
    }
    const handshake = this.#handshake()
    if (handshake) this.#open(handshake)
  }

  /** From now on the stream is one of this peer's. {@link updateAll} tells the extensions. */
  join(peer: P): void {
    const { routes } = this.context
    const route = routes.get(peer) ?? new Route(peer)
    route.links.push(this)
    routes.set(peer, route)
    this.#route = route
  }

  /** Takes the stream from its peer. It stays attached: the hooks are still called. */
  leave(): void {
    const route = this.#route
    if (!route) return
    this.flush()
    route.links.splice(route.links.indexOf(this), 1)
    if (route.links.length === 0) this.context.routes.delete(route.peer)
    if (route.preferred === this) route.preferred = undefined
    this.updateAll()
    this.#route = null
    route.wake()
  }

  /** Tells the registrations of all names that the remote has announced whether the peer has them open. */
  updateAll(): void {
    for (const name of this.#names.values()) this.#update(name)
  }

  /** Sends to the peer go over this stream from now on, unless the remote rejects our channel on it. */
  prefer(): void {
    if (!this.#route) return
    this.#route.preferred = this
    this.#route.wake()
  }

  /** Opens the channel in answer to the remote, which has opened its own. */
  answer(handshake: Uint8Array): void {
    if (!this.opened) this.openChannel(handshake)
  }

  use(n: number): void {
    this.write(encodeUse(n))
  }

  tell(what: Presence): void {
    this.write(encodePresence(what))
    if (what === 'here') this.endBatch()
  }

  bye(reason: ByeReason): void {
    this.write(encodeBye(reason))
  }

  has(name: string): boolean {
    for (const announced of this.#names.values()) if (announced === name) return true
    return false
  }

  detach = (): void => {
    if (this.#state === 'detached') return
    this.#state = 'detached'
    const { stream } = this
    stream.removeListener('close', this.detach)
    this.flush()
    stream.end = this.#end
    this.mux.unpair(CHANNEL)
    this.context.links.delete(stream)
    this.leave()
    if (this.opened) this.channel?.close()
  }

  onopen(handshake: Uint8Array): void {
    this.#state = 'open'
    try {
      const hello = decodeHandshake(handshake)
      if (typeof hello === 'string') this.left(hello)
      else this.#call((hooks) => (hooks.onhello ? hooks.onhello(hello) : hooks.onopen?.()))
    } catch (error) {
      this.context.fault(error)
      this.stream.destroy()
    }
  }

  onclose(): void {
    // Protomux hears of a stream's end before we do. Callers that wait for the peer must find it gone.
    if (this.stream.destroying) this.detach()
    // A channel that only the remote had opened leaves Protomux's numbers in disorder.
    else if (!this.opened) this.stream.destroy()
    for (const [id, name] of this.#names) {
      this.#names.delete(id)
      this.#update(name)
    }
    if (this.#state === 'pending') this.#call((hooks) => hooks.onreject?.())
    this.#route?.wake()
  }

  ondrain(): void {
    void this.queued
    this.#route?.wake()
  }

  receive(type: number, frame: Uint8Array, channel: Protomux.Channel): void {
    // Protomux still delivers frames that came before the channel was closed.
    if (channel.closed) return
    try {
      decodeFrame(type, frame, this)
    } catch (error) {
      this.context.fault(error)
    }
  }

  announced(id: number, name: string): void {
    const names = this.#names
    if (names.has(id) || this.has(name)) throw malformed(`announced twice: ${id}, '${name}'`)
    if (names.size === MAX_NAMES) throw malformed(`announced more than ${MAX_NAMES} names`)
    names.set(id, name)
    this.#update(name)
  }

  retracted(id: number): void {
    const name = this.#names.get(id)
    if (name === undefined) throw malformed(`retracted without an announce: ${id}`)
    this.#names.delete(id)
    this.#update(name)
  }

  received(id: number, message: Uint8Array): void {
    const peer = this.#route?.peer
    if (!peer) return
    const name = this.#names.get(id)
    this.context.names.get(name!)?.registrations[0]?.receive(message, peer)
  }

  used(n: number): void {
    this.#call((hooks) => hooks.onuse?.(n))
  }

  present(what: Presence | undefined): void {
    if (!what) return
    // A remote that asks without reading gets no answers beyond what its stream takes.
    if (what === 'ask' && !this.backpressured) this.tell('here')
    this.#call((hooks) => hooks.onpresence?.(what))
  }

  left(reason: ByeReason): void {
    this.#call((hooks) => hooks.onbye?.(reason))
  }

  /** @param handshake null to open when {@link answer} is called */
  #open(handshake: Uint8Array | null): void {
    this.createChannel()
    if (handshake) this.openChannel(handshake)
  }

  #handshake(): Uint8Array | null {
    const { handshake } = this.#hooks
    return handshake ? handshake.call(this.#hooks) : NO_HANDSHAKE
  }

  #call(hook: (hooks: StreamHooks) => unknown): void {
    guard(() => hook(this.#hooks), this.context.fault)
  }

  /** Tells the registrations of a name whether the peer has it open. */
  #update(name: string): void {
    const route = this.#route
    if (!route) return
    const open = route.has(name)
    for (const one of this.context.names.get(name)?.registrations ?? []) one.update(route.peer, open)
  }
}
