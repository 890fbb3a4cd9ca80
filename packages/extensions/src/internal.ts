/**
 * For `@basestore/networker` alone: streams whose peer is known only once the remote has said which program it is, and
 * the choice among several streams to one peer. Not covered by semantic versioning. A subpath of its own, since the
 * declarations that core needs cannot be stripped from the public ones.
 */
import Protomux from 'protomux'
import { CHANNEL } from './channel.js'
import { contextOf, type Extensions } from './extensions.js'
import { Link } from './link.js'
import { guardBatches } from './mux-guard.js'
import type { MuxStream, StreamHooks } from './mux-stream.js'
import { type ByeReason, encodeRefusal, type Presence } from './wire.js'

export type { StreamHooks } from './mux-stream.js'
export { Protocols } from './protocols.js'
export { SetView } from './set-view.js'
export type { ByeReason, Hello, Presence } from './wire.js'
export { encodeHello, encodeRefusal } from './wire.js'

/** An attached stream. */
export interface StreamLink<P extends object> {
  /** From now on the stream is one of this peer's. {@link updateAll} tells the extensions. */
  join(peer: P): void
  /** Tells the extensions of all names that the remote has announced whether the peer has them open. */
  updateAll(): void
  /** Takes the stream from its peer. It stays attached: the hooks are still called. */
  leave(): void
  /** Sends to the peer go over this stream from now on, unless the remote rejects our channel on it. */
  prefer(): void
  /** Tells the remote to use this stream. @param n a safe integer from 0 that rises with each choice */
  use(n: number): void
  tell(what: Presence): void
  /** Tells the remote why the stream will end. */
  bye(reason: ByeReason): void
  /** Opens the channel in answer to the remote's hello. */
  answer(handshake: Uint8Array): void
  /** Detaches the stream, and leaves it open. */
  detach(): void
}

/**
 * Opens our channel on a stream that belongs to no peer yet.
 *
 * @throws NetworkerError `INVALID_OPTION` when the stream is attached already
 */
export function attachStream<P extends object>(
  extensions: Extensions<P>,
  stream: MuxStream,
  hooks: StreamHooks
): StreamLink<P> {
  return new Link(contextOf(extensions), stream, hooks)
}

/** Tells the remote why it is refused, on a stream that nobody has attached. The caller ends the stream. */
export function refuseStream(stream: MuxStream, reason: ByeReason): void {
  const mux = Protomux.from(stream)
  guardBatches(mux)
  mux.createChannel({ ...CHANNEL, userData: IGNORANT })?.open(encodeRefusal(reason))
}

/** Hears nothing. */
const IGNORANT = { onopen() {}, onclose() {}, ondrain() {}, receive() {} }
