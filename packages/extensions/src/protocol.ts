import type { MessageOf } from './encoding.js'

/** The type of a protocol's messages: binary where the app gives no encoding. */
type MessageWith<E> = unknown extends E ? Uint8Array : MessageOf<E>

/** One type of message of a protocol. Its place in the list is its number on the wire. */
export interface ProtocolMessage<P extends object, E> {
  /** @default 'binary' */
  readonly encoding?: E
  /** A binary message is a view of the received frame: copy it to keep it. */
  onmessage?(message: MessageWith<E>, peer: P): unknown
}

/** A Protomux protocol of the app's own. `E` is the list of its messages' encodings. */
export interface ProtocolOptions<P extends object, E extends readonly unknown[]> {
  /** Both sides need the same. @example 'my-app/chat' */
  readonly name: string
  /** Tells several uses of one name apart, such as a document's key. @default none */
  readonly id?: Uint8Array | null
  /** Versions do not understand each other: it is sent as a part of the name, `name/version`. @default none */
  readonly version?: number | string
  /** @default none */
  readonly messages?: { readonly [I in keyof E]: ProtocolMessage<P, E[I]> }
  /** The peer has opened the protocol too. Told after `peer-add`, and never before `protocol` returned. */
  onopen?(peer: P): unknown
  /** The peer has it open no more, on any of its streams. Not called after `close`. */
  onclose?(peer: P): unknown
  /** A message does not decode (`MALFORMED_MESSAGE`), or a handler threw. @default a fault */
  onerror?(error: unknown, peer: P): unknown
}

/** One logical channel to each peer, whatever the number of streams to it. */
export interface Protocol<P extends object, E extends readonly unknown[]> {
  readonly name: string
  /** The peers that have it open too. */
  readonly peers: ReadonlySet<P>
  /**
   * Sends a message over the stream that carries the peer.
   *
   * @param type the place of the message in `messages`
   * @returns false when the peer's stream has enough to send for now
   * @throws NetworkerError `PEER_GONE` when the peer does not have it open, `INVALID_OPTION` when there is no such
   * message or its encoding cannot carry it, `MESSAGE_TOO_LARGE`, `CLOSED` after `close`
   */
  send<I extends keyof E & number>(type: I, message: MessageWith<E[I]>, peer: P): boolean
  /** Closes it with all peers, and opens it with no more. */
  close(): void
}
