import c, { type Encoder } from 'compact-encoding'

/*
 * Frames that a stranger can send to a Protomux, to be written to a secret-stream as one message each. On the
 * wire a frame is `channel type payload`, and channel 0 is the mux's own: type 0 there is a batch, 1 an open.
 */

const CONTROL = 0
const BATCH = 0
const OPEN = 1

/** How compact-encoding's `any` marks an array. */
const ANY_ARRAY = 7

/**
 * Deeper than Node's default stack of 984 KiB bears in a fresh process, in less than 25 KB. One whose decoder
 * has been compiled meanwhile bears more: aim 20,000 at it.
 */
export const NESTED_BATCHES = 4_900
/** Deeper than Node's default stack bears, at 2 bytes a level. */
export const NESTED_ARRAYS = 20_000

/** Opens a channel, as the first channel of this end when `channel` is 1. */
export function openFrame(channel: number, protocol: string): Buffer {
  return concat(uint(CONTROL), uint(OPEN), uint(channel), encode(c.string, protocol), Buffer.of(0))
}

/** A message of the given type, which is its place among the messages of the channel. */
export function messageFrame(channel: number, type: number, payload: Uint8Array): Buffer {
  return concat(uint(channel), uint(type), payload)
}

/** Batches within batches, for which no channel has to be open. The innermost one holds nothing. */
export function nestedBatches(depth: number = NESTED_BATCHES): Buffer {
  // From the inside out, for a batch names the length of what it holds: channel, length, message.
  const pieces = [concat(uint(BATCH), uint(CONTROL))]
  let length = pieces[0]!.byteLength
  for (let level = 1; level < depth; level++) {
    const piece = concat(uint(BATCH), uint(CONTROL), uint(length))
    pieces.push(piece)
    length += piece.byteLength
  }
  return concat(uint(CONTROL), ...pieces.reverse())
}

/** Arrays within arrays, for a decoder of compact-encoding's `any`. The innermost one is empty. */
export function nestedArrays(depth: number = NESTED_ARRAYS): Buffer {
  const bytes = Buffer.alloc(depth * 2)
  for (let level = 0; level < depth; level++) {
    bytes[level * 2] = ANY_ARRAY
    bytes[level * 2 + 1] = level === depth - 1 ? 0 : 1
  }
  return bytes
}

/** What JSON.parse throws a SyntaxError at, length-prefixed as compact-encoding's `json` wants it. */
export function malformedJson(): Buffer {
  return encode(c.string, '{"broken":')
}

/** The first four bytes of a handshake: the longest length its 24-bit header can claim, and one byte of it. */
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
