import { encode } from 'compact-encoding'
import type Protomux from 'protomux'
import { checkOptions, type OptionKinds } from './check-options.js'
import { type Codec, codecOf, JSON_CODEC } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import { guard } from './guard.js'
import type { MuxStream } from './mux-stream.js'
import type { Protocol, ProtocolMessage, ProtocolOptions } from './protocol.js'
import { checkSize, MAX_MESSAGE_SIZE, malformed } from './wire.js'

/** What a registered protocol needs of its surroundings. */
export interface ProtocolContext<P extends object> {
  /** The stream that carries a peer. */
  carrierOf(peer: P): MuxStream
  /** Forgets a protocol that is closed. */
  onclose(protocol: RegisteredProtocol<P>): void
  fault(error: unknown): void
}

interface OnStream<P> {
  readonly mux: Protomux
  channel: Protomux.Channel | null
  /** Whether the remote has opened it too. */
  isOpen: boolean
  /** Null until the stream belongs to a peer that the app was told of. */
  peer: P | null
}

interface Message {
  readonly codec: Codec<unknown>
  readonly onmessage: ((message: unknown, peer: object) => unknown) | undefined
}

type AnyOptions<P extends object> = ProtocolOptions<P, readonly unknown[]>

/** A protocol with its channels, one on each stream. */
export class RegisteredProtocol<P extends object> {
  readonly protocol: Protocol<P, readonly unknown[]>
  readonly #context: ProtocolContext<P>
  readonly #options: AnyOptions<P>
  /** The name and the id on the wire. */
  readonly #channel: { readonly protocol: string; readonly id: Uint8Array | null }
  readonly #messages: readonly Message[]
  readonly #streams = new Map<MuxStream, OnStream<P>>()
  readonly #peers = new Set<P>()
  #closed = false

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(context: ProtocolContext<P>, options: AnyOptions<P>) {
    checkProtocol(options)
    this.#context = context
    this.#options = options
    const { name, id = null, version, messages = [] } = options
    this.#channel = { protocol: version === undefined ? name : `${name}/${version}`, id }
    this.#messages = messages.map(({ encoding, onmessage }) => ({
      codec: codecOf(encoding),
      onmessage: onmessage as Message['onmessage']
    }))
    this.protocol = {
      name,
      peers: this.#peers,
      send: (type: number, message: unknown, peer: P) => this.#send(type, message, peer),
      close: () => this.#close()
    } as Protocol<P, readonly unknown[]>
  }

  /** Equal for protocols that cannot be open side by side. */
  get key(): string {
    const { protocol, id } = this.#channel
    return `${protocol}:${id ? Buffer.from(id).toString('hex') : ''}`
  }

  /** Opens the protocol on a stream. */
  attach(stream: MuxStream, mux: Protomux): void {
    this.#streams.set(stream, { mux, channel: null, isOpen: false, peer: null })
    // The remote may use the protocol only later, or open it again.
    mux.pair(this.#channel, () => this.#openOn(stream))
    this.#openOn(stream)
  }

  /** The stream is one of this peer's from now on. */
  join(stream: MuxStream, peer: P): void {
    const on = this.#streams.get(stream)
    if (!on) return
    on.peer = peer
    this.#update(peer)
  }

  /** The stream belongs to no peer any more, or has closed. */
  leave(stream: MuxStream): void {
    const on = this.#streams.get(stream)
    this.#streams.delete(stream)
    if (on?.peer) this.#update(on.peer)
  }

  #openOn(stream: MuxStream): void {
    const on = this.#streams.get(stream)
    if (!on || on.channel?.closed === false) return
    const channel = on.mux.createChannel({
      ...this.#channel,
      messages: this.#messages.map(({ codec, onmessage }, type) => ({
        onmessage: (bytes: Uint8Array) => this.#receive(on, codec, onmessage, bytes, type)
      })),
      onopen: () => this.#onchange(on, true),
      onclose: () => this.#onchange(on, false)
    })
    on.channel = channel
    channel?.open()
  }

  #onchange(on: OnStream<P>, isOpen: boolean): void {
    on.isOpen = isOpen
    if (on.peer) this.#update(on.peer)
  }

  /** Tells whether the peer has it open now, if that has changed. */
  #update(peer: P): void {
    const isOpen = this.#channelsTo(peer).length > 0
    if (this.#closed || isOpen === this.#peers.has(peer)) return
    if (isOpen) this.#peers.add(peer)
    else this.#peers.delete(peer)
    const { onopen, onclose } = this.#options
    this.#call(peer, () => (isOpen ? onopen?.(peer) : onclose?.(peer)))
  }

  #channelsTo(peer: P): Protomux.Channel[] {
    const channels: Protomux.Channel[] = []
    for (const on of this.#streams.values()) {
      if (on.peer === peer && on.isOpen && on.channel?.closed === false) channels.push(on.channel)
    }
    return channels
  }

  #receive(
    on: OnStream<P>,
    codec: Codec<unknown>,
    onmessage: Message['onmessage'],
    buffer: Uint8Array,
    type: number
  ): void {
    const { peer } = on
    if (!peer || this.#closed) return
    let message: unknown
    try {
      message = codec.decode({ start: 0, end: buffer.byteLength, buffer })
    } catch (cause) {
      const { name } = this.#options
      this.#fail(malformed(`protocol '${name}' cannot decode message ${type}: ${cause}`, cause), peer)
      return
    }
    this.#call(peer, () => onmessage?.(message, peer))
  }

  #send(type: number, message: unknown, peer: P): boolean {
    const { name } = this.#options
    if (this.#closed) throw new NetworkerError('CLOSED', `protocol '${name}' was closed; make it again`)
    const known = this.#messages[type]
    check(known !== undefined, `protocol '${name}' has no message ${type}`)
    const channels = this.#channelsTo(peer)
    const carrier = this.#streams.get(this.#context.carrierOf(peer))?.channel
    const channel = channels.find((one) => one === carrier) ?? channels[0]
    if (!channel) throw new NetworkerError('PEER_GONE', `it does not have protocol '${name}' open`)
    return channel.messages[type]!.send(this.#encode(known!.codec, message)) as unknown as boolean
  }

  #encode(codec: Codec<unknown>, message: unknown): Uint8Array {
    let bytes: Uint8Array
    try {
      bytes = encode(codec as never, (codec === JSON_CODEC ? JSON.stringify(message) : message) as never)
    } catch (cause) {
      const detail = `protocol '${this.#options.name}' cannot encode the message: ${cause}`
      throw new NetworkerError('INVALID_OPTION', detail, { cause })
    }
    checkSize(bytes.byteLength, MAX_MESSAGE_SIZE)
    return bytes
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const { mux, channel } of this.#streams.values()) {
      mux.unpair(this.#channel)
      channel?.close()
    }
    this.#streams.clear()
    this.#peers.clear()
    this.#context.onclose(this)
  }

  #call(peer: P, call: () => unknown): void {
    guard(call, (error) => this.#fail(error, peer))
  }

  #fail(error: unknown, peer: P): void {
    const { fault } = this.#context
    const { onerror } = this.#options
    if (onerror) guard(() => onerror(error, peer), fault)
    else fault(error)
  }
}

const OPTIONS: OptionKinds<AnyOptions<object>> = {
  name: 'string',
  id: 'any',
  version: 'any',
  messages: 'any',
  onopen: 'function',
  onclose: 'function',
  onerror: 'function'
}
const MESSAGE: OptionKinds<ProtocolMessage<object, unknown>> = { encoding: 'any', onmessage: 'function' }

/** @throws NetworkerError `INVALID_OPTION` */
function checkProtocol(options: AnyOptions<object>): void {
  checkOptions<AnyOptions<object>>(options, OPTIONS, { what: 'the options of a protocol' })
  const { name, id, version, messages = [] } = options
  check(typeof name === 'string' && name.length > 0, 'the name of a protocol must be a string')
  check(id == null || id instanceof Uint8Array, `the id of protocol '${name}' must be a Uint8Array`)
  const isVersion = version === undefined || ['string', 'number'].includes(typeof version)
  check(isVersion, `the version of protocol '${name}' must be a number or a string`)
  check(Array.isArray(messages), `the messages of protocol '${name}' must be an array`)
  for (const [type, message] of messages.entries()) {
    const what = `message ${type} of protocol '${name}'`
    checkOptions<ProtocolMessage<object, unknown>>(message, MESSAGE, { what })
  }
}
