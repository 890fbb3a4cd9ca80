import { createHash } from 'node:crypto'

/**
 * Makes messages that begin with their number, so that a lost or moved one changes the hash of them all. They are slices
 * of one buffer: thousands of small buffers would add their garbage collection to what is measured.
 */
export function numberedMessages(count: number, size: number): Buffer[] {
  const all = Buffer.alloc(count * size, 'm')
  return Array.from({ length: count }, (_, number) => {
    const message = all.subarray(number * size, (number + 1) * size)
    message.writeUInt32LE(number)
    return message
  })
}

/** The SHA-256 of bytes, in hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The time (ms), of the clock that all processes of a machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
