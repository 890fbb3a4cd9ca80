import type { Networker } from '@basestore/networker'
import { untilPeers } from '../networks/peers-change.js'

/** Lets one networker dial the other. Resolves once each has the other. @throws NetworkerError `CONNECT_FAILED` */
export async function linkPeers(a: Networker, b: Networker, signal: AbortSignal): Promise<void> {
  await a.connect(b.keyPair.publicKey, { signal })
  await untilPeers([b], () => isPeerOf(a, b), signal)
}

function isPeerOf({ keyPair }: Networker, { peers }: Networker): boolean {
  return [...peers].some(({ remotePublicKey }) => remotePublicKey.equals(keyPair.publicKey))
}
