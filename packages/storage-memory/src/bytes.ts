import type { Bytes } from './content.js'

/** A key or a value as RocksDB's methods take it. A string is encoded as UTF-8. */
export type Data = Uint8Array | string

/** Copies the bytes: Hypercore goes on writing to a bitfield page after it has put the page. */
export function encode(data: Data): Bytes {
  if (typeof data === 'string') return Buffer.from(data).toString('latin1')
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}

/** @returns a new buffer, which the caller may change */
export function decode(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1')
}
