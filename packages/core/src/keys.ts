import { NetworkerError, type NetworkerErrorCode } from '@basestore/extensions'
import { decode } from 'hypercore-id-encoding'

/** A discovery key or public key: 32 bytes, or a string in hex (64 characters) or z32 (52). */
export type KeyLike = Uint8Array | string

const KEY_BYTES = 32

/** A private copy of a topic: the caller may change its own bytes later. */
export function toTopic(key: KeyLike): Buffer {
  if (key === null || key === undefined) {
    const detail = `got ${key}; a core's discoveryKey is null until await core.ready(): wait for that, or pass the core`
    throw new NetworkerError('INVALID_TOPIC', `topic must be 32 bytes, ${detail}`)
  }
  return toKey(key, 'INVALID_TOPIC', 'topic', 'core.discoveryKey')
}

export function toPublicKey(key: KeyLike): Buffer {
  return toKey(key, 'INVALID_OPTION', 'remotePublicKey', "the peer's remotePublicKey")
}

export function toHex(key: Uint8Array): string {
  return toBuffer(key).toString('hex')
}

/** A key as the key of a `Map`: a string with one character for each byte. */
export function toId(key: Uint8Array): string {
  return toBuffer(key).toString('latin1')
}

/** The same bytes, not a copy. */
export function toBuffer(key: Uint8Array): Buffer {
  return Buffer.isBuffer(key) ? key : Buffer.from(key.buffer, key.byteOffset, key.byteLength)
}

export function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

export function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength === length
}

function toKey(key: KeyLike, code: NetworkerErrorCode, what: string, pass: string): Buffer {
  if (isBytes(key, KEY_BYTES)) return copy(key)
  if (typeof key === 'string') {
    try {
      const bytes = decode(key)
      if (bytes.byteLength === KEY_BYTES) return copy(bytes)
    } catch {}
    throw new NetworkerError(code, `${what} must be 64 hex or 52 z32 characters, got '${key}'; pass ${pass}`)
  }
  const got = (key as unknown) instanceof Uint8Array ? (key as Uint8Array).byteLength : typeof key
  throw new NetworkerError(code, `${what} must be 32 bytes, got ${got}; pass ${pass}`)
}

function copy(key: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafeSlow(KEY_BYTES) // not from Buffer's pool: one key would keep 8 KiB alive
  bytes.set(key)
  return bytes
}
