import { uint } from 'compact-encoding'
import type { CodecState, Format } from './encoding.js'
import { decodeUtf8 } from './encoding.js'
import { NetworkerError } from './errors.js'

/** docs/wire.md describes the frames. An incompatible change takes another name. */
export const PROTOCOL = 'basestore/extensions'

/** Message types of the channel. */
export const ANNOUNCE = 0
export const RETRACT = 1
export const DATA = 2
export const USE = 3

/**
 * Bytes of one message, at most. Protomux puts up to 8 MiB and one more message into a frame, and a frame of
 * 16 MiB destroys the connection on both ends; 64 KiB are left for headers.
 */
export const MAX_MESSAGE_SIZE = 8 * 1024 * 1024 - 64 * 1024
/** Bytes of a name in UTF-8, at most. With the next limit it bounds what a remote makes us remember to 256 KiB. */
export const MAX_NAME_SIZE = 256
/** Names that one side has announced on one channel, at most. */
export const MAX_NAMES = 1024
/** Name numbers are unsigned 32-bit integers. */
const MAX_ID = 0xffffffff

export function encodeAnnounce(id: number, name: string): Uint8Array {
  const bytes = Buffer.from(name)
  return Buffer.concat([encodeUint(id), encodeUint(bytes.byteLength), bytes])
}

/** Also a retract frame, of an id, and a use frame. */
export function encodeUint(value: number): Uint8Array {
  const state: CodecState = { start: 0, end: 0, buffer: null }
  uint.preencode(state, value)
  state.buffer = Buffer.allocUnsafe(state.end)
  uint.encode(state, value)
  return state.buffer
}

/** @throws NetworkerError `MESSAGE_TOO_LARGE`; else whatever the format throws. */
export function encodeData(id: number, format: Format, message: unknown, maxMessageSize: number): Uint8Array {
  const value = format.prepare ? format.prepare(message) : message
  const state: CodecState = { start: 0, end: 0, buffer: null }
  uint.preencode(state, id)
  const header = state.end
  format.preencode(state, value)
  if (state.end - header > maxMessageSize) throw tooLarge(state.end - header, maxMessageSize)
  state.buffer = Buffer.allocUnsafe(state.end)
  uint.encode(state, id)
  format.encode(state, value)
  // A codec that wrote less than it asked for must not send what the memory held before.
  return state.buffer.subarray(0, state.start)
}

export function tooLarge(size: number, max: number): NetworkerError {
  return new NetworkerError('MESSAGE_TOO_LARGE', `${size} bytes, at most ${max}; send it in parts`)
}

/** @throws Error on a malformed frame. Bytes behind the name are for later versions. */
export function decodeAnnounce(frame: Uint8Array): { id: number; name: string } {
  const state = stateOf(frame)
  const id = decodeId(state)
  const size = uint.decode(state)
  if (size === 0 || size > MAX_NAME_SIZE || size > state.end - state.start) {
    throw new Error(`malformed announce: a name of ${size} bytes`)
  }
  return { id, name: decodeUtf8(frame.subarray(state.start, state.start + size)) }
}

/** Reads the number of a name: all of a retract frame, the beginning of an announce and a data frame. */
export function decodeId(state: CodecState): number {
  const id = uint.decode(state)
  if (id > MAX_ID) throw new Error(`malformed frame: a name is numbered ${id}`)
  return id
}

export function decodeUint(frame: Uint8Array): number {
  return uint.decode(stateOf(frame))
}

export function stateOf(buffer: Uint8Array): CodecState {
  return { start: 0, end: buffer.byteLength, buffer }
}
