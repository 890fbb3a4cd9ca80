import Protomux from 'protomux'
import { CHANNEL, type ChannelHandler } from './channel.js'
import type { ExtensionsContext } from './context.js'
import { check } from './errors.js'
import { guard } from './guard.js'
import { guardBatches } from './mux-guard.js'
import type { MuxStream, StreamHooks } from './mux-stream.js'
import { enlist, MAX_BATCH, type Sender, type Span } from './outbox.js'
import { Route, type RouteLink } from './route.js'
import {
  ANNOUNCE,
  DATA,
  decodeFrame,
  encodeAnnounce,
  type FrameHandler,
  MAX_NAMES,
  malformed
} from './wire.js'

/** Bytes that a message counts beside its own, so that a flood of empty messages is limited too. */
const MESSAGE_OVERHEAD = 512
/** Bytes queued on a corked mux above which we signal backpressure. The mux itself signals none while corked. */
const CORKED_MARK = 1024 * 1024

/** One attached stream, and our channel on it. */
export class Link<P extends object> implements RouteLink<P>, ChannelHandler, FrameHandler, Sender {
  readonly route: Route<P>
  readonly #stream: MuxStream
  readonly #context: ExtensionsContext<P>
  readonly #hooks: StreamHooks
  readonly #mux: Protomux
  #channel: Protomux.Channel | null = null
  #state: 'pending' | 'open' | 'detached' = 'pending'
  /** The names that the remote has announced, by the remote's numbers. */
  readonly #names = new Map<number, string>()
  /** Bytes written since the stream was last drained. */
  #queued = 0
  /** Messages that wait for the end of the tick. */
  readonly #batch: Span[] = []
  /** Bytes in {@link #batch}. */
  #batched = 0
  readonly #end: MuxStream['end']

  constructor(context: ExtensionsContext<P>, stream: MuxStream, peer: P, hooks: StreamHooks) {
    this.#stream = stream
    this.#context = context
    this.#hooks = hooks
    this.#mux = Protomux.from(stream)
    guardBatches(this.#mux)
    check(
      !context.links.has(stream) && !this.#mux.opened(CHANNEL),
      'the stream is attached already; detach it first'
    )
    this.route = context.routes.get(peer) ?? new Route(peer)
    this.route.links.push(this)
    context.routes.set(peer, this.route)
    context.links.set(stream, this)
    // Paired for as long as we are attached: a remote that rejected us may open the channel later. The limit is for
    // a remote that opens and closes without reading: it would have us queue announces without end.
    this.#mux.pair(CHANNEL, (id) => {
      if (id === null && !this.usable && this.queued <= context.maxBacklog) this.#open()
    })
    stream.on('close', this.detach)
    this.#end = stream.end
    stream.end = (...args) => {
      this.flush() // messages sent in this tick go before the end
      return this.#end.apply(stream, args)
    }
    this.#open()
  }

  get usable(): boolean {
    return this.#channel?.closed === false && !this.#stream.destroying
  }

  get queued(): number {
    if (!this.corked && this.#mux.drained) this.#queued = 0
    return this.#queued
  }

  get corked(): boolean {
    return this.#mux.corked > 0
  }

  get backpressured(): boolean {
    return this.corked ? this.#queued > CORKED_MARK : !this.#mux.drained
  }

  has(name: string): boolean {
    for (const announced of this.#names.values()) if (announced === name) return true
    return false
  }

  write(type: number, frame: Uint8Array): void {
    this.flush()
    if (this.#count(frame.byteLength)) this.#channel!.messages[type]!.send(frame)
  }

  send(message: Span): boolean {
    const size = this.#count(message.end - message.start)
    if (size > 0) {
      if (this.#batched === 0) enlist(this)
      this.#batched += size
      this.#append(message)
      if (this.#batched > MAX_BATCH) this.flush()
    }
    return !this.backpressured
  }

  flush(): void {
    if (this.#batched === 0) return
    this.#batched = 0
    const spans = this.#batch.splice(0).map(({ buffer, start, end }) => buffer.subarray(start, end))
    const frame = spans.length === 1 ? spans[0]! : Buffer.concat(spans)
    guard(() => this.#channel?.messages[DATA]?.send(frame), this.#context.fault)
  }

  detach = (): void => {
    if (this.#state === 'detached') return
    this.#state = 'detached'
    const { route } = this
    const stream = this.#stream
    stream.removeListener('close', this.detach)
    this.flush()
    stream.end = this.#end
    this.#mux.unpair(CHANNEL)
    this.#context.links.delete(stream)
    route.links.splice(route.links.indexOf(this), 1)
    if (route.links.length === 0) this.#context.routes.delete(route.peer)
    if (route.preferred === this) route.preferred = undefined
    this.#channel?.close()
    route.wake()
  }

  onopen(): void {
    this.#state = 'open'
    this.#call('onopen')
  }

  onclose(): void {
    // Protomux hears of a stream's end before we do. Callers that wait for the peer must find it gone.
    if (this.#stream.destroying) this.detach()
    for (const [id, name] of this.#names) {
      this.#names.delete(id)
      this.#update(name)
    }
    if (this.#state === 'pending') this.#call('onreject')
    this.route.wake()
  }

  ondrain(): void {
    this.#queued = this.queued
    this.route.wake()
  }

  receive(type: number, frame: Uint8Array, channel: Protomux.Channel): void {
    // Protomux still delivers frames that came before the channel was closed.
    if (channel.closed) return
    try {
      decodeFrame(type, frame, this)
    } catch (error) {
      this.#context.fault(error)
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
    const name = this.#names.get(id)
    this.#context.names.get(name!)?.registrations[0]?.receive(message, this.route.peer)
  }

  used(n: number): void {
    this.#call('onuse', n)
  }

  #call(hook: keyof StreamHooks, n = 0): void {
    guard(() => this.#hooks[hook]?.(n), this.#context.fault)
  }

  /** Tells the registrations of a name whether the peer has it open. */
  #update(name: string): void {
    const { route } = this
    const open = route.has(name)
    for (const one of this.#context.names.get(name)?.registrations ?? []) one.update(route.peer, open)
  }

  /** Adds to what is queued. @returns how much; 0 when the channel is closed */
  #count(bytes: number): number {
    if (this.#channel?.closed !== false) return 0
    const size = bytes + MESSAGE_OVERHEAD
    this.#queued = this.queued + size
    return size
  }

  #append({ buffer, start, end }: Span): void {
    const last = this.#batch.at(-1)
    if (last?.buffer === buffer && last.end === start) last.end = end
    else this.#batch.push({ buffer, start, end })
  }

  #open(): void {
    this.#channel = this.#mux.createChannel({ ...CHANNEL, userData: this })
    if (!this.#channel) return
    this.#queued = this.queued + MESSAGE_OVERHEAD
    this.#mux.cork()
    this.#channel.open()
    for (const [name, { id }] of this.#context.names) this.write(ANNOUNCE, encodeAnnounce(id, name))
    this.#mux.uncork()
  }
}
