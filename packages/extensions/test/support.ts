import NoiseSecretStream from '@hyperswarm/secret-stream'
import { encode, raw, uint } from 'compact-encoding'
import Protomux from 'protomux'
import { Duplex } from 'streamx'
import { contextOf } from '../src/extensions.js'
import { Extensions, type ExtensionsOptions } from '../src/index.js'
import { attachStream, type StreamHooks } from '../src/internal.js'
import type { Link } from '../src/link.js'
import { PROTOCOL } from '../src/wire.js'

export type Stream = NoiseSecretStream

/** An object that stands for a remote. */
export class Peer {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Things that happened, to be awaited one after the other. */
export class Inbox<T> {
  readonly all: T[] = []
  #taken = 0
  #wake: (() => void) | null = null

  push = (item: T): void => {
    this.all.push(item)
    this.#wake?.()
  }

  async next(): Promise<T> {
    while (this.#taken === this.all.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.all[this.#taken++] as T
  }

  async take(count: number): Promise<T[]> {
    const items: T[] = []
    while (items.length < count) items.push(await this.next())
    return items
  }
}

/** One end of a link in memory: delivers later, never within `write`, and waits for its reader. */
class End extends Duplex {
  other: End | null = null
  #blocked: ((error: null) => void) | null = null

  override _write(data: unknown, done: (error: null) => void): void {
    queueMicrotask(() => {
      const { other } = this
      if (!other || other.destroying || other.push(data)) done(null)
      else other.#blocked = done
    })
  }

  override _final(done: (error: null) => void): void {
    queueMicrotask(() => {
      this.other?.push(null)
      done(null)
    })
  }

  override _read(done: (error: null) => void): void {
    this.#unblock()
    done(null)
  }

  override _predestroy(): void {
    this.#unblock()
    queueMicrotask(() => this.other?.destroy())
  }

  #unblock(): void {
    const blocked = this.#blocked
    this.#blocked = null
    blocked?.(null)
  }
}

/** Two ends of an encrypted stream. Nothing reads on them yet. */
export function streams(): [Stream, Stream] {
  const rawA = new End()
  const rawB = new End()
  rawA.other = rawB
  rawB.other = rawA
  const a = new NoiseSecretStream(true, rawA)
  const b = new NoiseSecretStream(false, rawB)
  for (const stream of [a, b]) stream.on('error', () => {})
  return [a, b]
}

export function closed(stream: Stream): Promise<void> {
  if (stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('close', () => resolve())
  })
}

/** Bytes that streamx holds back on a stream. Nothing leaves within the tick. */
export function queuedBytes(stream: Stream): number {
  return (stream as unknown as { _writableState: { buffered: number } })._writableState.buffered
}

/** As `extensions.attach`, with the hooks that the networker has too. */
export function attach(extensions: Extensions<Peer>, stream: Stream, peer: Peer, hooks: StreamHooks = {}) {
  const link = attachStream(extensions, stream, hooks)
  link.join(peer)
  return () => link.detach()
}

/** Two users of extensions, and any number of streams between them. `b` stands for B at A. */
export class Two {
  readonly faults = new Inbox<unknown>()
  readonly A: Extensions<Peer>
  readonly B: Extensions<Peer>
  readonly a = new Peer('a')
  readonly b = new Peer('b')
  readonly #streams: Stream[] = []

  constructor(options: ExtensionsOptions = {}) {
    this.A = new Extensions({ onfault: this.faults.push, ...options })
    this.B = new Extensions({ onfault: this.faults.push, ...options })
  }

  connect(hooks: { a?: StreamHooks; b?: StreamHooks } = {}) {
    const [a, b] = streams()
    this.#streams.push(a, b)
    const detachA = attach(this.A, a, this.b, hooks.a)
    const detachB = attach(this.B, b, this.a, hooks.b)
    return { a, b, detachA, detachB }
  }

  /** Resolves when all that A has sent to B over this stream, or the default one, was handled there. */
  async flushed(stream?: Stream): Promise<void> {
    const seen = new Inbox<unknown>()
    const there = this.B.register('flushed', { onmessage: seen.push })
    const here = this.A.register('flushed')
    if (stream) linkOf(this.A, stream)?.prefer()
    here.send(new Uint8Array(), this.b)
    await seen.next()
    here.destroy()
    there.destroy()
  }

  close(): void {
    this.A.destroy()
    this.B.destroy()
    for (const stream of this.#streams) stream.destroy()
  }
}

/** The attached stream, as the networker uses it. */
export function linkOf(extensions: Extensions<Peer>, stream: Stream): Link<Peer> | undefined {
  return contextOf(extensions).links.get(stream) as Link<Peer> | undefined
}

/** Speaks the wire by hand, as another implementation or an attacker does. */
export class Hand {
  readonly frames = new Inbox<{ type: number; bytes: string }>()
  readonly mux: Protomux
  readonly channel: Protomux.Channel
  readonly #types: Protomux.Message<Uint8Array>[]

  /** Resolves with the handshake of the other side (hex). */
  readonly handshake: Promise<string>

  constructor(stream: Stream, handshake: Uint8Array = new Uint8Array()) {
    this.mux = Protomux.from(stream)
    let onopen: (bytes: Uint8Array) => void = () => {}
    this.handshake = new Promise((resolve) => {
      onopen = (bytes) => resolve(Buffer.from(bytes).toString('hex'))
    })
    const channel = this.mux.createChannel({ protocol: PROTOCOL, handshake: raw, onopen })
    if (!channel) throw new Error('no channel')
    this.channel = channel
    const hear = (type: number, frame: Uint8Array) =>
      this.frames.push({ type, bytes: Buffer.from(frame).toString('hex') })
    this.#types = [0, 1, 2].map((type) =>
      channel.addMessage<Uint8Array>({ encoding: raw, onmessage: (frame) => hear(type, frame) })
    )
    channel.open(handshake)
  }

  /** A control frame of this kind. */
  send(kind: number, ...parts: (number | string)[]): void {
    this.sendFrame(0, kind, ...parts)
  }

  sendFrame(type: number, ...parts: (number | string)[]): void {
    this.#types[type]?.send(bytesOf(parts))
  }

  /** Messages that share a frame, each with its number before it. */
  sendData(...messages: (number | string)[][]): void {
    const sized = messages.map(bytesOf).map((bytes) => [encode(uint, bytes.byteLength), bytes])
    this.#types[1]?.send(Buffer.concat(sized.flat()))
  }
}

function bytesOf(parts: (number | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))
}
