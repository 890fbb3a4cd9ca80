import { generateKeyPairSync } from 'node:crypto'
import type { KeyPair } from '@basestore/networker/transport'

/** A random key pair as libsodium lays it out: the secret key is the seed, then the public key. */
export function createKeyPair(): KeyPair {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const publicKey = Buffer.from(x!, 'base64url')
  return { publicKey, secretKey: Buffer.concat([Buffer.from(d!, 'base64url'), publicKey]) }
}
