import { createHash } from 'node:crypto'

/**
 * Messages of which each begins with its number, so that one that is lost or moved shows. They are slices of one
 * buffer: the collection of thousands of small ones would be measured too.
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

/** In ms, of the clock that all processes of a machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
