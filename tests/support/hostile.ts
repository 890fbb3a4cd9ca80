import c, { type Encoder } from 'compact-encoding'

/*
 * Frames that a stranger can send to a Protomux. Write each one to a secret-stream as one message. A frame is
 * `channel type payload`. Channel 0 belongs to the mux itself: there type 0 is a batch, and type 1 opens a channel.
 */

const CONTROL = 0
const BATCH = 0
const OPEN = 1

/** How compact-encoding's `any` marks an array. */
const ANY_ARRAY = 7

/**
 * Levels that overflow Node's default stack of 984 KiB in a fresh process, in less than 25 KB. A process whose decoder
 * has been compiled meanwhile stands more levels: use 20,000 there.
 */
export const NESTED_BATCHES = 4_900
/** Levels that overflow Node's default stack, at 2 bytes a level. */
export const NESTED_ARRAYS = 20_000

/** @param channel 1 for the first channel that this end opens */
export function openFrame(channel: number, protocol: string): Buffer {
  return concat(uint(CONTROL), uint(OPEN), uint(channel), encode(c.string, protocol), Buffer.of(0))
}

/** @param type the number of the message among the messages of the channel */
export function messageFrame(channel: number, type: number, payload: Uint8Array): Buffer {
  return concat(uint(channel), uint(type), payload)
}

/** Nested batches. No channel has to be open for them. The innermost one is empty. */
export function nestedBatches(depth: number = NESTED_BATCHES): Buffer {
  // From the inside out, since a batch begins with the length of its content: channel, length, message.
  const pieces = [concat(uint(BATCH), uint(CONTROL))]
  let length = pieces[0]!.byteLength
  for (let level = 1; level < depth; level++) {
    const piece = concat(uint(BATCH), uint(CONTROL), uint(length))
    pieces.push(piece)
    length += piece.byteLength
  }
  return concat(uint(CONTROL), ...pieces.reverse())
}

/** Nested arrays in the format of compact-encoding's `any`. The innermost one is empty. */
export function nestedArrays(depth: number = NESTED_ARRAYS): Buffer {
  const bytes = Buffer.alloc(depth * 2)
  for (let level = 0; level < depth; level++) {
    bytes[level * 2] = ANY_ARRAY
    bytes[level * 2 + 1] = level === depth - 1 ? 0 : 1
  }
  return bytes
}

/** A string that JSON.parse refuses, with the length prefix of compact-encoding's `json`. */
export function malformedJson(): Buffer {
  return encode(c.string, '{"broken":')
}

/** The first four bytes of a handshake: a 24-bit header that claims the longest length, and one byte. */
export function longestHandshakeClaim(): Buffer {
  return Buffer.of(0xff, 0xff, 0xff, 0x00)
}

function uint(value: number): Buffer {
  return encode(c.uint, value)
}

function encode<T>(codec: Encoder<T>, value: T): Buffer {
  return Buffer.from(c.encode(codec, value))
}

function concat(...pieces: Uint8Array[]): Buffer {
  return Buffer.concat(pieces)
}
