import { type DialFailure, isNetworkerError, type TransportNote } from '@basestore/networker/transport'
import type { Host } from '../host.js'
import { natFault } from '../nat.js'
import type { LinkErrorCode } from './link-error.js'

const OF_LINKS: Readonly<Record<LinkErrorCode, DialFailure>> = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout'
}

/** The peer that was dialled. */
interface Dialled {
  readonly publicKey: Uint8Array
  readonly host: Host
}

/**
 * What is told of a dial that failed, in the words that fit what HyperDHT would know: its nodes have forgotten a peer
 * that is dead, and both sides' routers are classed before a hole is punched.
 */
export function dialFailure(from: Host, { publicKey, host }: Dialled, cause: unknown): TransportNote {
  const failed = { type: 'failed', remotePublicKey: publicKey, cause } as const
  if (host.isDead) return { ...failed, outcome: 'gone' }
  if (from !== host && natFault(from.nat, host.nat)) {
    return { ...failed, outcome: 'nat', nat: { ours: from.nat, theirs: host.nat } }
  }
  return { ...failed, outcome: outcomeOf(cause) }
}

function outcomeOf(error: unknown): DialFailure {
  if (isNetworkerError(error, 'HANDSHAKE_TIMEOUT')) return 'silent'
  if (isNetworkerError(error, 'PEER_MISMATCH')) return 'other-key'
  const { code } = ((error as Error).cause ?? {}) as { code?: LinkErrorCode }
  if (code) return OF_LINKS[code] ?? 'garbled'
  return isNetworkerError(error, 'HANDSHAKE_FAILED') ? (error.cause ? 'garbled' : 'reset') : 'failed'
}
