import { generateKeyPairSync } from 'node:crypto'
import type { KeyPair } from '@basestore/networker/transport'

/** Both DER forms end with the key itself: the seed in PKCS #8, the public key in SPKI (RFC 8410). */
const KEY_BYTES = 32

/** A random key pair as libsodium lays it out: the secret key is the seed, then the public key. */
export function createKeyPair(): KeyPair {
  // Not export({ format: 'jwk' }): a garbage collection during it locks Node 20 for ever.
  const { publicKey: spki, privateKey: pkcs8 } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' }
  })
  const publicKey = spki.subarray(-KEY_BYTES)
  return { publicKey, secretKey: Buffer.concat([pkcs8.subarray(-KEY_BYTES), publicKey]) }
}
