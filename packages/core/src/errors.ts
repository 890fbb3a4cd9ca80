import { NetworkerError } from '@basestore/extensions'
import type { ByeReason } from '@basestore/extensions/internal'

export const WHY_LEFT: Readonly<Record<ByeReason, string>> = {
  refused: 'its firewall refuses us',
  full: 'it has as many peers as it takes (maxPeers)',
  closing: 'it is closing',
  suspended: 'it is suspended',
  duplicate: 'another program with our key is connected to it'
}

/** @param reason null when the remote said nothing */
export function whyRefused(reason: ByeReason | null): string {
  return reason ? WHY_LEFT[reason] : 'it closed the connection before it admitted us'
}

export function refused(reason: ByeReason | null): NetworkerError {
  return new NetworkerError('REFUSED', whyRefused(reason))
}

/** @param breach what the transport did, and what to do instead */
export function contractBroken(transport: string, breach: string): NetworkerError {
  return new NetworkerError('TRANSPORT_CONTRACT', `'${transport}' ${breach}`, { transport })
}
