import { raw } from 'compact-encoding'
import Protomux from 'protomux'
import { check } from './errors.js'
import type { Hub } from './hub.js'
import { guardBatches } from './mux-guard.js'
import type { ChannelHooks, MuxStream } from './mux-stream.js'
import {
  ANNOUNCE,
  DATA,
  decodeAnnounce,
  decodeId,
  decodeUint,
  encodeAnnounce,
  encodeUint,
  MAX_NAMES,
  PROTOCOL,
  RETRACT,
  stateOf,
  USE
} from './wire.js'

/** Bytes that a queued message costs beside its own, so that a flood of empty ones is bounded too. */
const MESSAGE_OVERHEAD = 512
/**
 * Bytes. A corked mux signals no backpressure, so we do: late enough for the batch to exceed any stream's
 * high-water mark, whose drain then ends it.
 */
const CORKED_MARK = 1024 * 1024

/** Shared by all channels: none costs a closure. */
const MESSAGES: readonly Protomux.MessageOptions<Uint8Array>[] = [
  receiver((link, frame) => link.onannounce(frame)),
  receiver((link, frame) => link.onretract(frame)),
  receiver((link, frame) => link.ondata(frame)),
  receiver((link, frame) => link.onuse(frame))
]

/** One attached stream, and our channel on it. */
export class Link<P extends object> {
  readonly peer: P
  readonly stream: MuxStream
  readonly #hub: Hub<P>
  readonly #hooks: ChannelHooks
  readonly #mux: Protomux
  #channel: Protomux.Channel | null = null
  #answered = false
  #attached = true
  /** Names that the remote has announced, by its numbers. */
  #names: Map<number, string> | null = null
  /** Bytes written since the stream was last drained. */
  #queued = 0

  constructor(hub: Hub<P>, stream: MuxStream, peer: P, hooks: ChannelHooks) {
    this.peer = peer
    this.stream = stream
    this.#hub = hub
    this.#hooks = hooks
    this.#mux = Protomux.from(stream)
    guardBatches(this.#mux)
    check(
      !this.#mux.opened({ protocol: PROTOCOL }),
      'the stream is attached elsewhere; use one Extensions for it, or call its detach first'
    )
  }

  open(): void {
    // Stands as long as we are attached: a remote that rejected us may open the channel later.
    this.#mux.pair({ protocol: PROTOCOL }, this.#onpair)
    this.stream.on('close', this.#onstreamclose)
    this.#openChannel()
  }

  /** Whether what is sent here can arrive: the remote has neither rejected nor closed the channel. */
  get usable(): boolean {
    return this.#channel !== null && !this.#channel.closed && !this.stream.destroying
  }

  get queued(): number {
    if (this.#mux.corked === 0 && this.#mux.drained) this.#queued = 0
    return this.#queued
  }

  get backpressured(): boolean {
    return this.#mux.corked > 0 ? this.#queued > CORKED_MARK : !this.#mux.drained
  }

  /** Whether the remote has announced the name here. */
  has(name: string): boolean {
    if (!this.#names) return false
    for (const announced of this.#names.values()) if (announced === name) return true
    return false
  }

  announce(id: number, name: string): void {
    this.#write(ANNOUNCE, encodeAnnounce(id, name))
  }

  retract(id: number): void {
    this.#write(RETRACT, encodeUint(id))
  }

  /** Returns false when the caller should wait. */
  send(frame: Uint8Array): boolean {
    this.#write(DATA, frame)
    return !this.backpressured
  }

  use(n: number): void {
    this.#write(USE, encodeUint(n))
  }

  detach(): void {
    if (!this.#attached) return
    this.#attached = false
    this.stream.removeListener('close', this.#onstreamclose)
    this.#mux.unpair({ protocol: PROTOCOL })
    this.#hub.unlink(this)
    this.#channel?.close()
  }

  onopen(): void {
    this.#answered = true
    this.#hub.guard(() => this.#hooks.onopen?.())
  }

  onclose(): void {
    // Protomux hears of a stream's end before we do; those who wait for the peer must learn that it is gone.
    if (this.stream.destroying) this.detach()
    const names = this.#names
    this.#names = null
    for (const name of names?.values() ?? []) this.#hub.nameClosed(name, this.peer)
    if (!this.#answered && this.#attached) this.#hub.guard(() => this.#hooks.onreject?.())
    this.#hub.settle(this.peer)
  }

  ondrain(): void {
    if (this.#mux.corked === 0) this.#queued = 0
    this.#hub.settle(this.peer)
  }

  onannounce(frame: Uint8Array): void {
    const { id, name } = decodeAnnounce(frame)
    this.#names ??= new Map()
    if (this.#names.has(id) || this.has(name)) throw new Error(`announced twice: ${id}, '${name}'`)
    if (this.#names.size === MAX_NAMES) throw new Error(`announced more than ${MAX_NAMES} names`)
    this.#names.set(id, name)
    this.#hub.nameOpened(name, this.peer)
  }

  onretract(frame: Uint8Array): void {
    const id = decodeId(stateOf(frame))
    const name = this.#names?.get(id)
    if (name === undefined) throw new Error(`retracted without an announce: ${id}`)
    this.#names?.delete(id)
    this.#hub.nameClosed(name, this.peer)
  }

  ondata(frame: Uint8Array): void {
    const state = stateOf(frame)
    const id = decodeId(state)
    const name = this.#names?.get(id)
    if (name !== undefined) this.#hub.deliver(name, frame.subarray(state.start), this.peer)
  }

  onuse(frame: Uint8Array): void {
    const n = decodeUint(frame)
    this.#hub.guard(() => this.#hooks.onuse?.(n))
  }

  /** A frame was malformed: it is dropped. */
  onfault(error: unknown): void {
    this.#hub.fault(error)
  }

  owns(channel: Protomux.Channel): boolean {
    return this.#channel === channel && !channel.closed
  }

  #onstreamclose = (): void => this.detach()

  #onpair = (id: Uint8Array | null): void => {
    // A remote that opens and closes without reading would have us queue announces without end.
    if (id === null && !this.usable && this.queued <= this.#hub.maxBacklog) this.#openChannel()
  }

  #openChannel(): void {
    const channel = this.#mux.createChannel<Uint8Array>({
      protocol: PROTOCOL,
      userData: this,
      messages: MESSAGES,
      onopen,
      onclose,
      ondrain
    })
    if (!channel) return
    this.#channel = channel
    this.#queued = this.queued + MESSAGE_OVERHEAD
    this.#mux.cork()
    channel.open()
    for (const { id, name } of this.#hub.names) this.announce(id, name)
    this.#mux.uncork()
  }

  // The one place where a frame is sent.
  #write(type: number, frame: Uint8Array): void {
    if (!this.#channel || this.#channel.closed) return
    this.#queued = this.queued + frame.byteLength + MESSAGE_OVERHEAD
    this.#channel.messages[type]?.send(frame)
  }
}

type AnyLink = Link<object>

function receiver(receive: (link: AnyLink, frame: Uint8Array) => void): Protomux.MessageOptions<Uint8Array> {
  return {
    encoding: raw,
    onmessage(frame, channel) {
      const link = channel.userData as AnyLink
      // Protomux goes on delivering what came before a channel was closed.
      if (!link.owns(channel)) return
      try {
        receive(link, frame)
      } catch (error) {
        link.onfault(error)
      }
    }
  }
}

function onopen(_handshake: unknown, channel: Protomux.Channel): void {
  ;(channel.userData as AnyLink).onopen()
}

function onclose(_isRemote: boolean, channel: Protomux.Channel): void {
  ;(channel.userData as AnyLink).onclose()
}

function ondrain(channel: Protomux.Channel): void {
  ;(channel.userData as AnyLink).ondrain()
}
