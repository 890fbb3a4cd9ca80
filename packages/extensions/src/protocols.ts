import Protomux from 'protomux'
import { check, NetworkerError } from './errors.js'
import { guardBatches } from './mux-guard.js'
import type { MuxStream } from './mux-stream.js'
import type { Protocol, ProtocolOptions } from './protocol.js'
import { RegisteredProtocol } from './registered-protocol.js'

interface ProtocolsContext<P extends object> {
  /** The stream that carries a peer. */
  carrierOf(peer: P): MuxStream
  fault(error: unknown): void
}

/** The app's own protocols over a set of streams, for `@basestore/networker`. */
export class Protocols<P extends object> {
  readonly #context: ProtocolsContext<P>
  readonly #protocols = new Set<RegisteredProtocol<P>>()
  /** The attached streams, with their peers; null until the app was told of the peer. */
  readonly #streams = new Map<MuxStream, P | null>()
  #closed = false

  constructor(context: ProtocolsContext<P>) {
    this.#context = context
  }

  /** @throws NetworkerError `INVALID_OPTION`, `CLOSED` */
  register<const E extends readonly unknown[]>(options: ProtocolOptions<P, E>): Protocol<P, E> {
    if (this.#closed) throw new NetworkerError('CLOSED', 'the networker was closed; make a new one')
    const registered = new RegisteredProtocol<P>(
      { ...this.#context, onclose: (one) => this.#protocols.delete(one) },
      options as never
    )
    for (const { key } of this.#protocols) {
      check(key !== registered.key, `protocol '${options.name}' is open already; close it first`)
    }
    this.#protocols.add(registered)
    const streams = [...this.#streams]
    for (const [stream] of streams) registered.attach(stream, Protomux.from(stream))
    for (const [stream, peer] of streams) if (peer) registered.join(stream, peer)
    return registered.protocol as unknown as Protocol<P, E>
  }

  /** Opens all protocols on a stream. Call it in the tick in which the stream arrives. */
  attach(stream: MuxStream): void {
    this.#streams.set(stream, null)
    if (this.#protocols.size === 0) return
    const mux = Protomux.from(stream)
    guardBatches(mux)
    for (const one of this.#protocols) one.attach(stream, mux)
  }

  /** The app was told of the stream's peer. */
  join(stream: MuxStream, peer: P): void {
    this.#streams.set(stream, peer)
    for (const one of this.#protocols) one.join(stream, peer)
  }

  /** The stream belongs to no peer any more, or has closed. */
  leave(stream: MuxStream): void {
    this.#streams.delete(stream)
    for (const one of this.#protocols) one.leave(stream)
  }

  /** Closes all protocols. */
  destroy(): void {
    this.#closed = true
    for (const { protocol } of this.#protocols) protocol.close()
  }
}
