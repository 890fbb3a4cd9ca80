import { raw, uint } from 'compact-encoding'
import Protomux from 'protomux'
import { guard, type Hub } from './context.js'
import { check } from './errors.js'
import { guardBatches } from './mux-guard.js'
import type { ChannelHooks, MuxStream } from './mux-stream.js'
import { enlist, MAX_BATCH, type Span } from './outbox.js'
import { PeerLinks } from './route.js'
import { ANNOUNCE, announceOf, DATA, decodeName, MAX_ID, MAX_NAMES, PROTOCOL, RETRACT, USE } from './wire.js'

/** Bytes that a message costs beside its own, so that a flood of empty ones is bounded too. */
const MESSAGE_OVERHEAD = 512
/**
 * Bytes. A mux that others have corked signals no backpressure, so we do.
 */
const CORKED_MARK = 1024 * 1024

/** Shared by all links: none costs a closure. */
const CHANNEL = {
  protocol: PROTOCOL,
  messages: [ANNOUNCE, RETRACT, DATA, USE].map((type) => ({
    encoding: raw,
    autoBatch: false, // nobody answers with a promise
    onmessage: (frame: Uint8Array, channel: Protomux.Channel) => linkOf(channel).receive(type, frame, channel)
  })),
  onopen: (_handshake: unknown, channel: Protomux.Channel) => linkOf(channel).onopen(),
  onclose: (_isRemote: boolean, channel: Protomux.Channel) => linkOf(channel).onclose(),
  ondrain: (channel: Protomux.Channel) => linkOf(channel).ondrain()
}

interface Received {
  start: number
  end: number
  readonly buffer: Uint8Array
}

/** One attached stream, and our channel on it. */
export class Link<P extends object> {
  readonly stream: MuxStream
  readonly links: PeerLinks<P>
  readonly #hub: Hub<P>
  readonly #hooks: ChannelHooks
  readonly #mux: Protomux
  #channel: Protomux.Channel | null = null
  #state: 'pending' | 'open' | 'detached' = 'pending'
  /** Names that the remote has announced, by its numbers. */
  readonly #names = new Map<number, string>()
  /** Bytes written since the stream was last drained. */
  #queued = 0
  /** Messages that wait for the end of the tick. */
  readonly #batch: Span[] = []
  /** Bytes of those. */
  #batched = 0
  readonly #end: MuxStream['end']

  constructor(hub: Hub<P>, stream: MuxStream, peer: P, hooks: ChannelHooks) {
    this.stream = stream
    this.#hub = hub
    this.#hooks = hooks
    this.#mux = Protomux.from(stream)
    guardBatches(this.#mux)
    check(
      !hub.links.has(stream) && !this.#mux.opened(CHANNEL),
      'the stream is attached already; detach it first'
    )
    this.links = hub.peers.get(peer) ?? new PeerLinks(peer)
    this.links.links.push(this)
    hub.peers.set(peer, this.links)
    hub.links.set(stream, this)
    // Stands as long as we are attached: a remote that rejected us may open the channel later. One that opens and
    // closes without reading would have us queue announces without end.
    this.#mux.pair(CHANNEL, (id) => {
      if (id === null && !this.usable && this.queued <= hub.maxBacklog) this.#open()
    })
    stream.on('close', this.detach)
    // What was sent in this tick goes before the end.
    this.#end = stream.end
    stream.end = (...args) => {
      this.flush()
      return this.#end.apply(stream, args)
    }
    this.#open()
  }

  /** Whether what is sent here can arrive: the remote has neither rejected nor closed the channel. */
  get usable(): boolean {
    return this.#channel?.closed === false && !this.stream.destroying
  }

  get queued(): number {
    if (!this.corked && this.#mux.drained) this.#queued = 0
    return this.#queued
  }

  /** Whether others hold back what is sent. */
  get corked(): boolean {
    return this.#mux.corked > 0
  }

  get backpressured(): boolean {
    return this.corked ? this.#queued > CORKED_MARK : !this.#mux.drained
  }

  /** Whether the remote has announced the name here. */
  has(name: string): boolean {
    for (const announced of this.#names.values()) if (announced === name) return true
    return false
  }

  /** What was sent before leaves before. */
  write(type: number, frame: Uint8Array): void {
    this.flush()
    if (this.#count(frame.byteLength)) this.#channel!.messages[type]!.send(frame)
  }

  /** Sends at the end of this tick, in one frame with what else is sent in it. Whether the stream takes more. */
  send(message: Span): boolean {
    const { buffer, start, end } = message
    const size = this.#count(end - start)
    if (size > 0) {
      if (this.#batched === 0) enlist(this)
      this.#batched += size
      const last = this.#batch.at(-1)
      if (last?.buffer === buffer && last.end === start) last.end = end
      else this.#batch.push({ buffer, start, end })
      if (this.#batched > MAX_BATCH) this.flush()
    }
    return !this.backpressured
  }

  flush(): void {
    if (this.#batched === 0) return
    this.#batched = 0
    const spans = this.#batch.splice(0).map(({ buffer, start, end }) => buffer.subarray(start, end))
    const frame = spans.length === 1 ? spans[0]! : Buffer.concat(spans)
    guard(() => this.#channel?.messages[DATA]?.send(frame), this.#hub.fault)
  }

  detach = (): void => {
    if (this.#state === 'detached') return
    this.#state = 'detached'
    const { stream, links } = this
    stream.removeListener('close', this.detach)
    this.flush()
    stream.end = this.#end
    this.#mux.unpair(CHANNEL)
    this.#hub.links.delete(stream)
    links.links.splice(links.links.indexOf(this), 1)
    if (links.links.length === 0) this.#hub.peers.delete(links.peer)
    if (links.preferred === this) links.preferred = undefined
    this.#channel?.close()
    links.settle()
  }

  onopen(): void {
    this.#state = 'open'
    this.#call('onopen')
  }

  onclose(): void {
    // Protomux hears of a stream's end before we do; those who wait for the peer must learn that it is gone.
    if (this.stream.destroying) this.detach()
    for (const [id, name] of this.#names) {
      this.#names.delete(id)
      this.#update(name)
    }
    if (this.#state === 'pending') this.#call('onreject')
    this.links.settle()
  }

  ondrain(): void {
    this.#queued = this.queued
    this.links.settle()
  }

  /** A frame that is malformed is dropped. */
  receive(type: number, frame: Uint8Array, channel: Protomux.Channel): void {
    // Protomux goes on delivering what came before a channel was closed.
    if (channel.closed) return
    try {
      const state = { start: 0, end: frame.byteLength, buffer: frame }
      if (type === DATA) {
        while (state.start < state.end) this.#received(state)
        return
      }
      const n = uint.decode(state)
      if (type === USE) this.#call('onuse', n)
      else if (n > MAX_ID) throw new Error(`a name is numbered ${n}`)
      else if (type === ANNOUNCE) this.#announced(n, decodeName(state))
      else this.#retracted(n)
    } catch (error) {
      this.#hub.fault(error)
    }
  }

  #received(state: Received): void {
    const { end } = state
    state.end = uint.decode(state) + state.start
    if (state.end > end) throw new Error('a frame ends within a message')
    const name = this.#names.get(uint.decode(state))
    const message = state.buffer.subarray(state.start, state.end)
    state.start = state.end
    state.end = end
    this.#hub.names.get(name!)?.registrations[0]?.received(message, this.links.peer)
  }

  #announced(id: number, name: string): void {
    const names = this.#names
    if (names.has(id) || this.has(name)) throw new Error(`announced twice: ${id}, '${name}'`)
    if (names.size === MAX_NAMES) throw new Error(`announced more than ${MAX_NAMES} names`)
    names.set(id, name)
    this.#update(name)
  }

  #retracted(id: number): void {
    const name = this.#names.get(id)
    if (name === undefined) throw new Error(`retracted without an announce: ${id}`)
    this.#names.delete(id)
    this.#update(name)
  }

  #call(hook: keyof ChannelHooks, n = 0): void {
    guard(() => this.#hooks[hook]?.(n), this.#hub.fault)
  }

  /** Whether the peer has the name may have changed. */
  #update(name: string): void {
    const { links } = this
    const open = links.has(name)
    for (const one of this.#hub.names.get(name)?.registrations ?? []) one.update(links.peer, open)
  }

  /** Adds to what is queued. @returns how much; 0 when the channel is closed */
  #count(bytes: number): number {
    if (this.#channel?.closed !== false) return 0
    const size = bytes + MESSAGE_OVERHEAD
    this.#queued = this.queued + size
    return size
  }

  #open(): void {
    this.#channel = this.#mux.createChannel({ ...CHANNEL, userData: this })
    if (!this.#channel) return
    this.#queued = this.queued + MESSAGE_OVERHEAD
    this.#mux.cork()
    this.#channel.open()
    for (const [name, { id }] of this.#hub.names) this.write(ANNOUNCE, announceOf(id, name))
    this.#mux.uncork()
  }
}

function linkOf({ userData }: Protomux.Channel): Link<object> {
  return userData as Link<object>
}
