/**
 * For `@basestore/networker` alone: the choice among several streams to one peer. Not covered by semantic versioning.
 * A subpath of its own, since the declarations that core needs cannot be stripped from the public ones.
 */
import { check } from './errors.js'
import { contextOf, type Extensions } from './extensions.js'
import type { MuxStream } from './mux-stream.js'
import { encodeUse, USE } from './wire.js'

export type { StreamHooks } from './mux-stream.js'
export { SetView } from './set-view.js'

/**
 * Sends to this peer go over this stream from now on, for as long as it is attached and the remote has not rejected
 * our channel on it. Nothing happens when the stream is not attached to this peer.
 */
export function preferStream<P extends object>(extensions: Extensions<P>, peer: P, stream: MuxStream): void {
  const link = contextOf(extensions).links.get(stream)
  if (link?.route.peer !== peer) return
  link.route.preferred = link
  link.route.wake()
}

/**
 * Tells the remote to use this stream: its `onuse` is called. Nothing happens when the stream is not attached, or the
 * remote has rejected our channel on it.
 *
 * @param n rises with each choice
 * @throws NetworkerError `INVALID_OPTION` unless `n` is a safe integer from 0
 */
export function useStream<P extends object>(extensions: Extensions<P>, stream: MuxStream, n: number): void {
  check(Number.isSafeInteger(n) && n >= 0, `n must be a safe integer from 0, got ${n}`)
  contextOf(extensions).links.get(stream)?.write(USE, encodeUse(n))
}
