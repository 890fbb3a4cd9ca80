import { encode, string, uint } from 'compact-encoding'
import { type Codec, type CodecState, decodeUtf8 } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import type { Span } from './outbox.js'

/** docs/wire.md describes the frames. An incompatible change takes another name. */
export const PROTOCOL = 'basestore/extensions'

/** Message types of the channel. There are two, since Protomux keeps an object and two functions for each on each channel. */
export const CONTROL = 0
export const DATA = 1

/** Kinds of control frames. */
const ANNOUNCE = 0
const RETRACT = 1
const USE = 2
const PRESENCE = 3
const BYE = 4

/** What a `presence` frame says. */
export const PRESENCES = ['here', 'ask', 'other'] as const
/**
 * - `here`: we have heard you. It answers the remote's hello, and an `ask`.
 * - `ask`: are you there?
 * - `other`: another program with your key is connected to us.
 */
export type Presence = (typeof PRESENCES)[number]

/** Why a side ends a stream. The place in the list is the number on the wire; number 0 is no reason. */
const REASONS = ['refused', 'full', 'closing', 'suspended', 'duplicate'] as const
/**
 * - `refused`: its firewall does not admit us.
 * - `full`: it has as many peers as it takes.
 * - `closing`, `suspended`: it closes, or is put to sleep.
 * - `duplicate`: another program that uses our key is connected to it.
 */
export type ByeReason = (typeof REASONS)[number]

/** The handshake of our channel. It names a program, and the time for which that program knows the other one. */
export interface Hello {
  /** The program's `id`: 32 bytes, new in each run. */
  readonly run: Uint8Array
  /** Greater each time that the program has removed this peer and meets it anew. */
  readonly life: number
}

const RUN_BYTES = 32

/**
 * The largest message, in bytes. Protomux batches up to 8 MiB and one more message into a frame, and a frame of
 * 16 MiB destroys the connection on both ends; 64 KiB are left for headers.
 */
export const MAX_MESSAGE_SIZE = 8 * 1024 * 1024 - 64 * 1024
/** The longest name, in bytes of UTF-8. With {@link MAX_NAMES} it limits what a remote makes us store to 256 KiB. */
export const MAX_NAME_SIZE = 256
/** How many names one side may have announced on one channel. */
export const MAX_NAMES = 1024
/** Name numbers are unsigned 32-bit integers. */
const MAX_ID = 0xffffffff

const MAX_UINT16 = 0xffff
/** The first byte of compact-encoding's `uint` when 16 bits follow, and when 32 bits follow. */
const UINT16 = 0xfd
const UINT32 = 0xfe

/** The sending extension, as {@link encodeMessage} sees it. */
interface Sending<T> {
  /** The number of its name. */
  readonly id: number
  readonly codec: Codec<T>
  /** Bytes of one message. */
  readonly maxSize: number
}

/** Called with the content of a remote's frames. */
export interface FrameHandler {
  announced(id: number, name: string): void
  retracted(id: number): void
  received(id: number, message: Uint8Array): void
  used(n: number): void
  /** @param what undefined for what a later version says */
  present(what: Presence | undefined): void
  left(reason: ByeReason): void
}

export function encodeAnnounce(id: number, name: string): Uint8Array {
  return Buffer.concat([encodeControl(ANNOUNCE, id), encode(string, name)])
}

export function encodeRetract(id: number): Uint8Array {
  return encodeControl(RETRACT, id)
}

export function encodeUse(n: number): Uint8Array {
  return encodeControl(USE, n)
}

export function encodePresence(what: Presence): Uint8Array {
  return PRESENCE_FRAMES[PRESENCES.indexOf(what)]!
}

export function encodeBye(reason: ByeReason): Uint8Array {
  return BYE_FRAMES[REASONS.indexOf(reason)]!
}

/** The handshake that admits the remote. */
export function encodeHello({ run, life }: Hello): Uint8Array {
  const state: CodecState = { start: 1 + RUN_BYTES, end: 1 + RUN_BYTES, buffer: null }
  uint.preencode(state, life)
  const bytes = Buffer.alloc(state.end) // it begins with a 0: no reason to refuse
  bytes.set(run, 1)
  state.buffer = bytes
  uint.encode(state, life)
  return bytes
}

/** The handshake that refuses the remote. */
export function encodeRefusal(reason: ByeReason): Uint8Array {
  return encode(uint, numberOf(reason))
}

/** A handshake without bytes is that of a program without runs: null. @throws NetworkerError `MALFORMED_MESSAGE` */
export function decodeHandshake(handshake: Uint8Array): Hello | ByeReason | null {
  if (handshake.byteLength === 0) return null
  const state = { start: 0, end: handshake.byteLength, buffer: handshake }
  try {
    const reason = uint.decode(state)
    if (reason > 0) return toReason(reason)
    const run = handshake.subarray(state.start, state.start + RUN_BYTES)
    state.start += RUN_BYTES
    return { run, life: uint.decode(state) }
  } catch (cause) {
    throw malformed(`a handshake of ${handshake.byteLength} bytes`, cause)
  }
}

/**
 * Encodes a message as one part of a data frame.
 *
 * @param reserve gives so many bytes of memory to write to
 * @throws NetworkerError `MESSAGE_TOO_LARGE`, `INVALID_OPTION`; and whatever the codec throws
 */
export function encodeMessage<T>(
  { id, codec, maxSize }: Sending<T>,
  message: T,
  reserve: (size: number) => Span
): Span {
  const state: CodecState = { start: 0, end: 0, buffer: null }
  uint.preencode(state, id)
  const idSize = state.end
  codec.preencode(state, message)
  check(Number.isSafeInteger(state.end) && state.end >= idSize, 'its preencode() gives no size in bytes')
  checkSize(state.end - idSize, maxSize)
  const width = state.end > MAX_UINT16 ? 4 : 2
  const span = reserve(1 + width + state.end)
  const { buffer, start, end } = span
  const body = start + 1 + width
  state.buffer = buffer
  state.start = body
  state.end = end
  uint.encode(state, id)
  codec.encode(state, message)
  check(state.start <= end, 'its encode() writes more than its preencode() asked for')
  buffer[start] = width === 4 ? UINT32 : UINT16
  buffer.writeUIntLE(state.start - body, start + 1, width)
  // A codec may write less than it asked for. The bytes behind are left from other messages, and not sent.
  span.end = state.start
  return span
}

/**
 * Reads a frame. In a malformed data frame, the messages before the malformed one are received.
 *
 * @throws NetworkerError `MALFORMED_MESSAGE`
 */
export function decodeFrame(type: number, frame: Uint8Array, handler: FrameHandler): void {
  const state = { start: 0, end: frame.byteLength, buffer: frame }
  try {
    if (type === DATA) {
      while (state.start < state.end) decodeMessage(state, handler)
      return
    }
    decodeControl(state, handler)
  } catch (cause) {
    throw cause instanceof NetworkerError ? cause : malformed((cause as Error).message, cause)
  }
}

export function checkSize(size: number, max: number): void {
  if (size <= max) return
  throw new NetworkerError('MESSAGE_TOO_LARGE', `${size} bytes, at most ${max}; send it in parts`)
}

export function malformed(detail: string, cause?: unknown): NetworkerError {
  return new NetworkerError('MALFORMED_MESSAGE', detail, { cause })
}

/** Made once: each stream sends some of them. */
const PRESENCE_FRAMES = PRESENCES.map((_, n) => encodeControl(PRESENCE, n))
const BYE_FRAMES = REASONS.map((reason) => encodeControl(BYE, numberOf(reason)))

function encodeControl(kind: number, n: number): Uint8Array {
  return Buffer.concat([encode(uint, kind), encode(uint, n)])
}

/** A kind of a later version is ignored. */
function decodeControl(state: CodecState & { buffer: Uint8Array }, handler: FrameHandler): void {
  const kind = uint.decode(state)
  if (kind > BYE) return
  const n = uint.decode(state)
  if (kind === USE) handler.used(n)
  else if (kind === PRESENCE) handler.present(PRESENCES[n])
  else if (kind === BYE) handler.left(toReason(n))
  else if (n > MAX_ID) throw malformed(`a name is numbered ${n}`)
  else if (kind === ANNOUNCE) handler.announced(n, decodeName(state))
  else handler.retracted(n)
}

function numberOf(reason: ByeReason): number {
  return REASONS.indexOf(reason) + 1
}

/** A reason of a later version is a refusal. */
function toReason(n: number): ByeReason {
  return REASONS[n - 1] ?? 'refused'
}

/** Bytes behind the name are for later versions. */
function decodeName(state: CodecState): string {
  const size = uint.decode(state)
  if (size === 0 || size > MAX_NAME_SIZE || size > state.end - state.start) {
    throw malformed(`announced a name of ${size} bytes`)
  }
  return decodeUtf8(state.buffer!.subarray(state.start, state.start + size))
}

function decodeMessage(state: CodecState & { buffer: Uint8Array }, handler: FrameHandler): void {
  const { end } = state
  state.end = uint.decode(state) + state.start
  if (state.end > end) throw malformed('a frame ends within a message')
  const id = uint.decode(state)
  const message = state.buffer.subarray(state.start, state.end)
  state.start = state.end
  state.end = end
  handler.received(id, message)
}
