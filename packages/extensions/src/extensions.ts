import { checkOptions, type OptionKinds } from './check-options.js'
import type { ExtensionsContext } from './context.js'
import type { AnyEncoding, MessageOf } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import type { Extension, Handlers } from './extension.js'
import { guard, noop } from './guard.js'
import { Link } from './link.js'
import type { ChannelHooks, MuxStream } from './mux-stream.js'
import { Registration } from './registration.js'
import { MAX_MESSAGE_SIZE } from './wire.js'

/** Bytes that may wait for one peer: eight messages of the largest size. */
const MAX_BACKLOG = 64 * 1024 * 1024

export interface ExtensionsOptions {
  /** Called with malformed frames, and with errors of extensions that have no `onerror`. @default ignores them */
  onfault?(error: unknown): unknown
  /**
   * The largest message, sent or received, in bytes. The default is also the greatest value.
   * @default 8_323_072 (8 MiB less 64 KiB)
   */
  maxMessageSize?: number
  /**
   * Bytes that may wait for one peer that does not read. Each message counts 512 bytes more than it has.
   * @default 67_108_864 (64 MiB)
   */
  maxBacklog?: number
}

const OPTIONS: OptionKinds<ExtensionsOptions> = {
  onfault: 'function',
  maxMessageSize: 'any',
  maxBacklog: 'any'
}
const HOOKS: OptionKinds<ChannelHooks> = { onopen: 'function', onreject: 'function' }

type Given<P extends object, E> = Handlers<P, MessageOf<E>> & { encoding?: E }

/** The result of a function given to `register`: a union, since TypeScript cannot infer `E` from what it returns. */
type Created<P extends object> =
  | Given<P, 'binary'>
  | (Handlers<P, string> & { encoding: 'utf8' })
  | (Handlers<P, unknown> & { encoding: Exclude<AnyEncoding, 'binary' | 'utf8'> })

type EncodingOf<G> = G extends { encoding: infer E } ? E : 'binary'

/** Gives internal.ts the context of an {@link Extensions}, which is not on the public page. */
export let contextOf: <P extends object>(extensions: Extensions<P>) => ExtensionsContext<P>

/**
 * Named message channels over any set of streams. `P` is the type of the objects that stand for peers.
 *
 * @throws NetworkerError `INVALID_OPTION`
 */
export class Extensions<P extends object> {
  static {
    contextOf = (extensions) => extensions.#context
  }

  readonly #context: ExtensionsContext<P>

  constructor(options: ExtensionsOptions = {}) {
    checkOptions<ExtensionsOptions>(options, OPTIONS, { what: 'the options of extensions' })
    const { onfault = noop, maxMessageSize = MAX_MESSAGE_SIZE, maxBacklog = MAX_BACKLOG } = options
    check(
      isSize(maxMessageSize) && maxMessageSize <= MAX_MESSAGE_SIZE,
      `maxMessageSize must be 1 to ${MAX_MESSAGE_SIZE} bytes, got ${maxMessageSize}`
    )
    check(isSize(maxBacklog), `maxBacklog must be a positive number of bytes, got ${maxBacklog}`)
    this.#context = {
      maxMessageSize,
      maxBacklog,
      names: new Map(),
      routes: new Map(),
      links: new Map(),
      nextId: 0,
      closed: undefined,
      fault: (error) => void guard(() => onfault(error), noop)
    }
  }

  /**
   * Opens our channel on a stream of a peer. Call it in the tick in which the stream arrives: a remote's early
   * messages are lost otherwise. A peer may have several streams at once: sends go over the oldest, and messages
   * are received from all of them. A stream that closes is detached.
   *
   * @param peer the same object for all streams of one peer
   * @returns detaches the stream, and leaves it open
   * @throws NetworkerError `INVALID_OPTION` when the stream is attached already, `CLOSED` after `destroy`
   */
  attach(stream: MuxStream, peer: P, hooks: ChannelHooks = {}): () => void {
    this.#assertOpen()
    checkOptions<ChannelHooks>(hooks, HOOKS, { what: 'the hooks of a stream' })
    check(typeof stream?.on === 'function', 'stream must be one that Protomux can use')
    check(Object(peer) === peer, 'peer must be an object')
    if (stream.destroying || stream.destroyed) return noop
    const link = new Link(this.#context, stream, hooks)
    link.join(peer)
    return link.detach
  }

  /**
   * Registers a name, at once: every peer that has it too, now or later, sees it open. A name may be registered
   * several times: each message goes to the first registration that is still there.
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
    const create = typeof given === 'function' ? given : () => given
    return new Registration(this.#context, name, create).extension
  }

  /**
   * Destroys every extension and detaches every stream. The streams stay open.
   *
   * @param reason thrown by all later calls. @default `CLOSED`, these extensions were destroyed
   */
  destroy(reason: NetworkerError = destroyed()): void {
    this.#context.closed ??= reason
    const { names, links } = this.#context
    for (const { registrations } of names.values()) for (const one of registrations) one.destroy()
    for (const link of links.values()) link.detach()
  }

  #assertOpen(): void {
    if (this.#context.closed) throw this.#context.closed
  }
}

function destroyed(): NetworkerError {
  return new NetworkerError('CLOSED', 'these extensions were destroyed; create new ones')
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0
}
