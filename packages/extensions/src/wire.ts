import { encode, string, uint } from 'compact-encoding'
import { type CodecState, decodeUtf8 } from './encoding.js'
import { NetworkerError } from './errors.js'

/** docs/wire.md describes the frames. An incompatible change takes another name. */
export const PROTOCOL = 'basestore/extensions'

/** Message types of the channel. Each begins with an unsigned integer. */
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
export const MAX_ID = 0xffffffff

export function checkSize(size: number, max: number): void {
  if (size <= max) return
  throw new NetworkerError(
    'MESSAGE_TOO_LARGE',
    `Message too large: ${size} bytes, at most ${max}; send it in parts`
  )
}

export function announceOf(id: number, name: string): Uint8Array {
  return Buffer.concat([encode(uint, id), encode(string, name)])
}

/** Reads the rest of an announce. Bytes behind the name are for later versions. */
export function decodeName(state: CodecState): string {
  const size = uint.decode(state)
  if (size === 0 || size > MAX_NAME_SIZE || size > state.end - state.start) {
    throw new Error(`announced a name of ${size} bytes`)
  }
  return decodeUtf8(state.buffer!.subarray(state.start, state.start + size))
}
