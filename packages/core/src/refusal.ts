import type { ByeReason } from '@basestore/extensions/internal'
import type { PeerLink } from './linked-peer.js'

/** Reasons for which it is no use to dial again soon. */
const REFUSALS: ReadonlySet<ByeReason | null> = new Set(['refused', 'full', 'duplicate'])

/** Whether the remote does not want us: it said so, or ended our dial before it admitted us. */
export function isRefused({ state, reason, stream, peer }: PeerLink): boolean {
  return REFUSALS.has(reason) || (state === 'unheard' && stream.isInitiator && peer.state === 'new')
}
