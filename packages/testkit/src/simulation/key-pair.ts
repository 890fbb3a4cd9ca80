import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyPair } from '@basestore/networker/transport'

/** What a PKCS #8 file of an Ed25519 key holds before its seed (RFC 8410), and how long a key is, in bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY_BYTES = 32

/** The Ed25519 key pair of a seed of 32 bytes, as libsodium lays it out. At once, unlike a Corestore's. */
export function keyPairOf(seed: Buffer): KeyPair {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: 'der',
    type: 'pkcs8'
  })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)
  return { publicKey, secretKey: Buffer.concat([seed, publicKey]) }
}
