import { generateKeyPairSync } from 'node:crypto'
import type { KeyPair } from '@basestore/networker/transport'

/** The raw key is at the end of both DER forms (RFC 8410): the seed in PKCS #8, the public key in SPKI. */
const KEY_BYTES = 32

/** A random key pair as libsodium lays it out: the secret key is the seed, then the public key. */
export function createKeyPair(): KeyPair {
  // Not export({ format: 'jwk' }): Node 20 hangs for ever when a garbage collection comes during it.
  const { publicKey: spki, privateKey: pkcs8 } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' }
  })
  const publicKey = spki.subarray(-KEY_BYTES)
  return { publicKey, secretKey: Buffer.concat([pkcs8.subarray(-KEY_BYTES), publicKey]) }
}
