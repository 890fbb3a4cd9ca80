import { encode, uint } from 'compact-encoding'
import { guard, type Hub, noop } from './context.js'
import type { AnyEncoding, MessageOf } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import type { Extension, Handlers } from './extension.js'
import { Link } from './link.js'
import type { ChannelHooks, MuxStream } from './mux-stream.js'
import { register } from './registration.js'
import { MAX_MESSAGE_SIZE, USE } from './wire.js'

/** Bytes that wait for one peer, at most: eight messages of the largest size. */
const MAX_BACKLOG = 64 * 1024 * 1024

export interface ExtensionsOptions {
  /** Told of what no `onerror` takes: malformed frames, and errors of extensions that have none. */
  onfault?(error: unknown): unknown
  /**
   * Bytes of one message, sent or received; also the greatest value.
   * @default 8_323_072 (8 MiB less 64 KiB)
   */
  maxMessageSize?: number
  /**
   * Bytes that wait for one peer that does not read, 512 more counted for each message.
   * @default 67_108_864 (64 MiB)
   */
  maxBacklog?: number
}

type Given<P extends object, E> = Handlers<P, MessageOf<E>> & { encoding?: E }

/** What a function may give: a union, since TypeScript cannot infer `E` from what is returned. */
type Created<P extends object> =
  | Given<P, 'binary'>
  | (Handlers<P, string> & { encoding: 'utf8' })
  | (Handlers<P, unknown> & { encoding: Exclude<AnyEncoding, 'binary' | 'utf8'> })

type EncodingOf<G> = G extends { encoding: infer E } ? E : 'binary'

/**
 * Named message channels over any set of streams. `P` is whatever stands for a peer.
 *
 * @throws NetworkerError `INVALID_OPTION`
 */
export class Extensions<P extends object> {
  readonly #hub: Hub<P>
  #closed = false

  constructor({
    onfault = noop,
    maxMessageSize = MAX_MESSAGE_SIZE,
    maxBacklog = MAX_BACKLOG
  }: ExtensionsOptions = {}) {
    check(typeof onfault === 'function', 'onfault must be a function')
    check(
      isSize(maxMessageSize) && maxMessageSize <= MAX_MESSAGE_SIZE,
      `maxMessageSize must be 1 to ${MAX_MESSAGE_SIZE} bytes, got ${maxMessageSize}`
    )
    check(isSize(maxBacklog), `maxBacklog must be a positive number of bytes, got ${maxBacklog}`)
    this.#hub = {
      maxMessageSize,
      maxBacklog,
      names: new Map(),
      peers: new Map(),
      links: new Map(),
      nextId: 0,
      fault: (error) => void guard(() => onfault(error), noop)
    }
  }

  /**
   * Opens our channel on a stream of a peer. To be called in the tick in which the stream arrives: a remote's
   * early messages are lost otherwise. A peer may have several streams at once. A stream that closes is detached.
   *
   * @param peer the same object for all streams of one peer
   * @returns detaches the stream, and leaves it open
   * @throws NetworkerError `INVALID_OPTION` when the stream is attached already, `CLOSED` after `destroy`
   */
  attach(stream: MuxStream, peer: P, hooks: ChannelHooks = {}): () => void {
    this.#assertOpen()
    check(typeof stream?.on === 'function', 'stream must be one that Protomux can use')
    check(Object(peer) === peer, 'peer must be an object')
    return stream.destroying || stream.destroyed ? noop : new Link(this.#hub, stream, peer, hooks).detach
  }

  /**
   * Registers a name, at once: whoever has it too, now or later, sees it open. One name may be registered several
   * times: each message goes to the first that is still registered.
   *
   * @param name 1 to 256 bytes in UTF-8
   * @throws NetworkerError `INVALID_OPTION`, also above 1024 names; `CLOSED` after `destroy`
   */
  register<G extends Created<P>>(
    name: string,
    create: (extension: Extension<P, unknown>) => G
  ): Extension<P, MessageOf<EncodingOf<G>>>
  register<E extends AnyEncoding = 'binary'>(name: string, handlers?: Given<P, E>): Extension<P, MessageOf<E>>
  register<E extends AnyEncoding = 'binary'>(
    handlers: Given<P, E> & { name: string }
  ): Extension<P, MessageOf<E>>
  register(
    first: string | (Handlers<P, unknown> & { name: string }),
    second: Handlers<P, unknown> | ((extension: Extension<P, unknown>) => Handlers<P, unknown>) = {}
  ): Extension<P, unknown> {
    this.#assertOpen()
    const [name, given] = typeof first === 'object' && first ? [first.name, first] : [first, second]
    return register(this.#hub, name, typeof given === 'function' ? given : () => given)
  }

  /**
   * Sends to this peer go over this stream from now on, for as long as it is attached and the remote has not
   * rejected our channel on it. Otherwise, and by default, over the oldest such stream. Nothing happens when the
   * stream is not attached to this peer.
   */
  prefer(peer: P, stream: MuxStream): void {
    const link = this.#hub.links.get(stream)
    if (link?.links.peer !== peer) return
    link.links.preferred = link
    link.links.settle()
  }

  /**
   * Tells the remote to use this stream of ours: its `onuse` is called. Nothing happens when the stream is not
   * attached, or the remote has rejected our channel on it.
   *
   * @param n rises with each choice
   * @throws NetworkerError `INVALID_OPTION` when `n` is no safe integer, or negative
   */
  use(stream: MuxStream, n: number): void {
    check(Number.isSafeInteger(n) && n >= 0, `n must be a safe integer from 0, got ${n}`)
    this.#hub.links.get(stream)?.write(USE, encode(uint, n))
  }

  /** Destroys every extension and detaches every stream. The streams stay open. */
  destroy(): void {
    this.#closed = true
    for (const { registrations } of this.#hub.names.values()) for (const one of registrations) one.destroy()
    for (const link of this.#hub.links.values()) link.detach()
  }

  #assertOpen(): void {
    if (!this.#closed) return
    throw new NetworkerError('CLOSED', 'Closed: these extensions were destroyed; create new ones')
  }
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0
}
