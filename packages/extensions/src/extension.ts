import type { Encoding } from './encoding.js'

/** The user's functions for an extension. An error that one throws, or rejects with, goes to `onerror`. */
export interface Handlers<P extends object, T> {
  /** A binary message is a view of the received frame: copy it to keep it. */
  onmessage?(message: T, peer: P): unknown
  /**
   * A received message was too large (`MESSAGE_TOO_LARGE`) or does not decode (`MALFORMED_MESSAGE`), a handler
   * threw, or a message was dropped because the peer does not keep up (`BACKLOG_FULL`).
   * @default the `onfault` of {@link ExtensionsOptions}
   */
  onerror?(error: unknown, peer: P): unknown
  /** The peer has the extension open too, on at least one of its streams. Never called before `register` returned. */
  onopen?(peer: P): unknown
  /** The peer no longer has the extension open on any of its streams. Not called after `destroy`. */
  onclose?(peer: P): unknown
}

export interface ExtensionHandlers<P extends object, T> extends Handlers<P, T> {
  /** @default 'binary' */
  encoding?: Encoding<T>
}

/** One name, as registered here. */
export interface Extension<P extends object, T> {
  readonly name: string
  /** The peers that have it open too. */
  readonly peers: ReadonlySet<P>
  /**
   * Sends to one peer, at the end of this tick. A peer without this extension ignores the message.
   *
   * @returns false when the caller should wait for {@link Extension.drained}. The message was taken all the same,
   * unless the peer's backlog is full: then it was dropped, and `onerror` was called.
   * @throws NetworkerError `PEER_GONE` when the peer is not attached, `MESSAGE_TOO_LARGE`, `INVALID_OPTION` when
   * the encoding cannot carry the message, `CLOSED` after `destroy`
   */
  send(message: T, peer: P): boolean
  /**
   * Sends to every attached peer, encoded once. A peer with a full backlog is skipped, and `onerror` is called.
   *
   * @throws NetworkerError as {@link Extension.send}, but never `PEER_GONE`
   */
  broadcast(message: T): void
  /**
   * Resolves when the peer's stream takes more; at once if it does now.
   *
   * @throws NetworkerError `PEER_GONE` when the peer is not attached, or goes meanwhile; `CLOSED` after `destroy`
   */
  drained(peer: P): Promise<void>
  /** Ends this registration: its handlers are not called any more. The next one under its name takes over. */
  destroy(): void
}
