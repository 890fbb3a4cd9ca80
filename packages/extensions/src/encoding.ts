import { types } from 'node:util'
import { raw } from 'compact-encoding'
import { check } from './errors.js'

/** The position of a {@link Codec} in its buffer. */
export interface CodecState {
  start: number
  end: number
  buffer: Uint8Array | null
}

/** Any encoding in the shape of compact-encoding's. */
export interface Codec<T> {
  /** Adds the encoded length to `state.end`. */
  preencode(state: CodecState, message: T): void
  /** Writes to `state.buffer` at `state.start`, and moves `state.start` behind what it wrote. */
  encode(state: CodecState, message: T): void
  /** Reads from `state.buffer` at `state.start`. May throw. */
  decode(state: CodecState): T
}

/**
 * How messages become bytes: `'binary'` for `Uint8Array`, `'utf8'` for strings, `'json'` or {@link json} for values that
 * `JSON.stringify` takes, or a codec.
 */
export type Encoding<T> =
  | Codec<T>
  | 'json'
  | (T extends string ? 'utf8' : never)
  | (T extends Uint8Array ? 'binary' : never)

/** Any encoding, of any type of message. */
export type AnyEncoding =
  | 'binary'
  | 'utf8'
  | 'json'
  | {
      preencode(state: CodecState, message: never): void
      encode(state: CodecState, message: never): void
      decode(state: CodecState): unknown
    }

/** The type of an encoding's messages. */
export type MessageOf<E> = E extends 'binary'
  ? Uint8Array
  : E extends 'utf8'
    ? string
    : E extends Codec<infer T>
      ? T
      : unknown

/** A decoded message is a view of the received frame, not a copy. */
const binary: Codec<Uint8Array> = {
  ...raw,
  preencode(state, message) {
    if (!types.isUint8Array(message)) throw new TypeError('expected a Uint8Array')
    raw.preencode(state, message)
  },
  decode: ({ buffer }) => buffer!
}

const utf8: Codec<string> = {
  ...raw.utf8, // preencode() throws on anything but a string
  decode: (state) => decodeUtf8(raw.decode(state))
}

/** Its sender stringifies a message before encoding it, so that this happens once. */
export const JSON_CODEC: Codec<unknown> = {
  ...(utf8 as Codec<unknown>),
  decode: (state) => JSON.parse(utf8.decode(state))
}

/**
 * The encoding `'json'`, with the type of its messages. The type is a promise of the app: what a remote sends is parsed,
 * and not checked.
 *
 * ```ts
 * const chat = extensions.register('chat', {
 *   encoding: json<{ text: string }>(),
 *   onmessage: ({ text }) => console.log(text)
 * })
 * chat.broadcast({ text: 'hello' })
 * ```
 */
export function json<Message = unknown>(): Codec<Message> {
  return JSON_CODEC as Codec<Message>
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws on bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return strict.decode(bytes)
}

/** @throws NetworkerError `INVALID_OPTION` on anything that is not an {@link Encoding}. */
export function codecOf(encoding: unknown = 'binary'): Codec<unknown> {
  const codec =
    ({ binary, utf8, json: JSON_CODEC } as Record<string, unknown>)[encoding as string] ?? encoding
  const parts = ['preencode', 'encode', 'decode'] as const
  check(
    parts.every((part) => typeof (codec as Codec<unknown> | null)?.[part] === 'function'),
    `encoding must be binary, utf8, json or a codec with ${parts}`
  )
  return codec as Codec<unknown>
}
