/** How much of a key a message shows (bytes): enough to tell the peers of a test apart. */
const SHORT_BYTES = 4

/** A key as text, to look it up by. */
export function toHex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

/** The beginning of a key, as messages and traces show it. */
export function shortKey(key: Uint8Array): string {
  return toHex(key).slice(0, SHORT_BYTES * 2)
}
