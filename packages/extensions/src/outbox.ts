/** Captured at load: a test that fakes `queueMicrotask` later would hold back every message. */
const { queueMicrotask } = globalThis

/** Where one message lies, or several that follow each other. */
export interface Span {
  readonly buffer: Buffer
  readonly start: number
  end: number
}

/** Sends at the end of a tick. It does not throw. */
export interface Sender {
  flush(): void
}

/** Bytes that share a frame. Larger frames are not faster. */
export const MAX_BATCH = 64 * 1024

/**
 * Messages sent within one tick are encoded into this memory, one behind the other. Each peer's messages are copied
 * from it at the end of the tick. One memory serves all, like Buffer's own pool, since nothing stays in it.
 */
let memory = Buffer.allocUnsafeSlow(MAX_BATCH)
let used = 0
const senders = new Set<Sender>()

/** Memory for one message. It is valid until the end of this tick. */
export function reserve(size: number): Span {
  if (used + size > memory.byteLength) replaceMemory(size)
  const start = used
  used += size
  return { buffer: memory, start, end: used }
}

/** Flushes the sender at the end of this tick, or as soon as the memory is full. */
export function enlist(sender: Sender): void {
  if (senders.size === 0) queueMicrotask(endTick)
  senders.add(sender)
}

function replaceMemory(size: number): void {
  // With no sender enlisted nothing else calls endTick(), which makes a large memory small again.
  if (senders.size === 0) queueMicrotask(endTick)
  for (const sender of senders) sender.flush()
  // A codec may send while its own message is being encoded: the old memory is not used again.
  memory = Buffer.allocUnsafeSlow(Math.max(size, MAX_BATCH))
  used = 0
}

function endTick(): void {
  const ending = [...senders]
  senders.clear()
  for (const sender of ending) sender.flush()
  // A handler that was told of a failure may have sent again.
  if (senders.size > 0) return
  used = 0
  if (memory.byteLength > MAX_BATCH) memory = Buffer.allocUnsafeSlow(MAX_BATCH)
}
