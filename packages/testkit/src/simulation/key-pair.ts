import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyPair } from '@basestore/networker/transport'

/** The bytes before the seed in a PKCS #8 file of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY_BYTES = 32

/** The Ed25519 key pair of a 32-byte seed, in libsodium's layout. Unlike Corestore's `createKeyPair`, it is synchronous. */
export function keyPairOf(seed: Buffer): KeyPair {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: 'der',
    type: 'pkcs8'
  })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)
  return { publicKey, secretKey: Buffer.concat([seed, publicKey]) }
}
