import { uint } from 'compact-encoding'
import type { Codec, CodecState } from './encoding.js'
import { check } from './errors.js'
import { checkSize } from './wire.js'

// A test's fake one would keep all that is sent.
const { queueMicrotask } = globalThis

/** Where one message lies, or several that follow each other. */
export interface Span {
  readonly buffer: Buffer
  readonly start: number
  end: number
}

/** Who sends at the end of a tick. It does not throw. */
export interface Sender {
  flush(): void
}

/** Bytes that share a frame: more gain nothing by it. */
export const MAX_BATCH = 64 * 1024
const MAX_UINT16 = 0xffff
/** How compact-encoding begins a `uint` of 16 bits, and one of 32. */
const UINT16 = 0xfd
const UINT32 = 0xfe

/**
 * Whatever is sent within one tick is encoded into this, each message behind the one before: what one peer gets of
 * it is copied at once. One for all, like Buffer's own pool, since nothing stays in it.
 */
let memory = Buffer.allocUnsafeSlow(MAX_BATCH)
let used = 0
const senders = new Set<Sender>()

/** @throws NetworkerError `MESSAGE_TOO_LARGE`, `INVALID_OPTION`; else whatever the codec throws. */
export function encodeMessage<T>(id: number, codec: Codec<T>, message: T, maxSize: number): Span {
  const state: CodecState = { start: 0, end: 0, buffer: null }
  uint.preencode(state, id)
  const idSize = state.end
  codec.preencode(state, message)
  check(Number.isSafeInteger(state.end) && state.end >= idSize, 'its preencode() gives no size in bytes')
  checkSize(state.end - idSize, maxSize)
  const width = state.end > MAX_UINT16 ? 4 : 2
  const start = reserve(1 + width + state.end)
  const begin = start + 1 + width
  const end = begin + state.end
  const buffer = memory
  state.buffer = buffer
  state.start = begin
  state.end = end
  uint.encode(state, id)
  codec.encode(state, message)
  // Less is no fault, but what the memory held before must not be sent.
  check(state.start <= end, 'its encode() writes more than its preencode() asked for')
  buffer[start] = width === 4 ? UINT32 : UINT16
  buffer.writeUIntLE(state.start - begin, start + 1, width)
  return { buffer, start, end: state.start }
}

/** Has it flushed at the end of this tick, or when the memory is full. */
export function enlist(sender: Sender): void {
  if (senders.size === 0) queueMicrotask(endTick)
  senders.add(sender)
}

function reserve(size: number): number {
  if (used + size > memory.byteLength) {
    if (senders.size === 0) queueMicrotask(endTick) // which makes it small again, also when nobody sends
    for (const sender of senders) sender.flush()
    // The old one is not used again: a codec may send while its own message is being encoded there.
    memory = Buffer.allocUnsafeSlow(Math.max(size, MAX_BATCH))
    used = 0
  }
  const start = used
  used += size
  return start
}

function endTick(): void {
  const ending = [...senders]
  senders.clear()
  for (const sender of ending) sender.flush()
  // Whoever heard of a failure may have sent again.
  if (senders.size > 0) return
  used = 0
  if (memory.byteLength > MAX_BATCH) memory = Buffer.allocUnsafeSlow(MAX_BATCH)
}
