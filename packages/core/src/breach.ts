import type { KeyPair } from './contract.js'
import { isBytes, sameKey } from './keys.js'
import type { NoiseStream } from './noise-stream.js'

/**
 * The promise that a transport broke by handing over a stream, if a cheap look shows one; otherwise null. The
 * conformance suite proves the rest.
 *
 * @param signal aborted when closing began
 * @param isKnown whether the stream was handed over before
 */
export function breachOf(
  stream: NoiseStream,
  keyPair: KeyPair,
  signal: AbortSignal,
  isKnown: (stream: NoiseStream) => boolean
): string | null {
  if (typeof stream?.write !== 'function') return 'handed over something that is not a stream; use secure()'
  if (isKnown(stream)) return 'handed one stream over twice; do so once, when it opens'
  if (signal.aborted) return 'handed a stream over after host.signal aborted; destroy it instead'
  if (!stream.connected) return 'handed over a stream that is not open yet; await secure() first'
  if (!isBytes(stream.publicKey, 32) || !sameKey(stream.publicKey, keyPair.publicKey)) {
    return 'handed over a stream with another key than ours; pass host.keyPair to secure()'
  }
  if (!isBytes(stream.remotePublicKey, 32)) return 'handed over a stream without a proven remotePublicKey'
  if (sameKey(stream.remotePublicKey, keyPair.publicKey)) {
    return 'handed over a connection to ourselves; ask host.wants(key) before dialling'
  }
  return null
}
