import type { Bytes } from './content.js'

/** What RocksDB takes for a key or a value. A string is UTF-8. */
export type Data = Uint8Array | string

/** Copies: Hypercore goes on writing to a page of a bitfield that it has put. */
export function encode(data: Data): Bytes {
  if (typeof data === 'string') return Buffer.from(data).toString('latin1')
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}

/** @returns a buffer of the caller's own */
export function decode(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1')
}
