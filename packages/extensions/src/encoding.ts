import { types } from 'node:util'
import { check } from './errors.js'

/** Where a {@link Codec} is in its buffer. */
export interface CodecState {
  start: number
  end: number
  buffer: Uint8Array | null
}

/** Any encoding in the shape of compact-encoding's. */
export interface Codec<T> {
  /** Adds the encoded length to `state.end`. */
  preencode(state: CodecState, message: T): void
  /** Writes into `state.buffer` at `state.start`, and moves `state.start` behind it. */
  encode(state: CodecState, message: T): void
  /** Reads from `state.buffer` at `state.start`. May throw. */
  decode(state: CodecState): T
}

/**
 * How messages become bytes: `'binary'` for `Uint8Array`, `'utf8'` for strings, `'json'` for what `JSON` carries,
 * or a codec.
 */
export type Encoding<T> =
  | Codec<T>
  | 'json'
  | (T extends string ? 'utf8' : never)
  | (T extends Uint8Array ? 'binary' : never)

/** Any of them, whatever its messages are. */
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

/** A codec, and what comes before it, once per message. */
export interface Format extends Codec<unknown> {
  prepare?(message: unknown): unknown
}

// A view of the received frame, not a copy.
const binary: Format = {
  preencode(state, message) {
    if (!types.isUint8Array(message)) throw new TypeError('expected a Uint8Array')
    state.end += message.byteLength
  },
  encode(state, message) {
    const bytes = message as Uint8Array
    state.buffer?.set(bytes, state.start)
    state.start += bytes.byteLength
  },
  decode: ({ buffer, start, end }) => buffer?.subarray(start, end)
}

const utf8: Format = {
  preencode(state, message) {
    state.end += Buffer.byteLength(message as string) // this or write throws on anything else
  },
  encode(state, message) {
    state.start += (state.buffer as Buffer).write(message as string, state.start)
  },
  decode: (state) => decodeUtf8(binary.decode(state) as Uint8Array)
}

const json: Format = {
  ...utf8,
  // What JSON has no form for becomes undefined, which utf8 refuses.
  prepare: (message) => JSON.stringify(message),
  decode: (state) => JSON.parse(utf8.decode(state) as string)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws on what is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return strict.decode(bytes)
}

/** @throws NetworkerError `INVALID_OPTION` on anything that is not an {@link Encoding}. */
export function formatOf(encoding: unknown = 'binary'): Format {
  if (encoding === 'binary') return binary
  if (encoding === 'utf8') return utf8
  if (encoding === 'json') return json
  const codec = (typeof encoding === 'object' ? encoding : null) as Partial<Format> | null
  check(
    [codec?.preencode, codec?.encode, codec?.decode].every((part) => typeof part === 'function'),
    `encoding must be 'binary', 'utf8', 'json' or a codec with preencode, encode and decode`
  )
  // Not the codec itself: a property of its own called prepare is none of ours.
  const given = codec as Format
  return {
    preencode: (state, message) => given.preencode(state, message),
    encode: (state, message) => given.encode(state, message),
    decode: (state) => given.decode(state)
  }
}
