export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Whether two byte arrays are equal. What is no byte array equals nothing. */
export function sameBytes(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0
}
