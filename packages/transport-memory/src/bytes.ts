/** A key or a topic as the key of a map: one character for each byte, the shortest that compares by content. */
export function toId(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The first bytes in hex, for people and seeds. @param length in bytes, all of them by default */
export function toHex(bytes: Uint8Array, length = bytes.length): string {
  return Buffer.from(bytes.subarray(0, length)).toString('hex')
}
