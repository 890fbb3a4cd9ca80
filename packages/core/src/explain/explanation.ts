import type { OnlineState, TopicMode } from '../contract.js'
import type { Attempt, EndedConnection, Finding } from './history.js'
import type { PeerCause } from './outcome.js'

/** The connection that carries a peer. */
export interface PeerConnection {
  readonly transport: string
  /** The carrier: `'udx'`, `'tcp'`, `'memory'`. */
  readonly type: string
  readonly remoteAddress: string | null
  /** Whether a third computer passes the bytes on; null where the transport does not know. */
  readonly relayed: boolean | null
  readonly direction: 'in' | 'out'
  /** Milliseconds since 1970. */
  readonly since: number
  /** Encrypted bytes, over all connections of this peer. */
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** Why a peer is connected, or is not. `String()` makes a few lines of English of it. */
export interface PeerExplanation {
  readonly type: 'peer'
  /** 32 bytes. */
  readonly remotePublicKey: Buffer
  /** Why it is connected, or is not: the latest that is known. */
  readonly cause: PeerCause
  /** The topics under which it was found, the latest last. Their times are the latest ones. */
  readonly found: readonly Finding[]
  /** Its latest 32 dials that brought no peer, whichever side dialled, the oldest first. */
  readonly attempts: readonly Attempt[]
  /** How many dials of ours have failed in all, as far as it is remembered. */
  readonly failures: number
  /** Since when it is being dialled, in milliseconds since 1970; null while it is not. */
  readonly dialling: number | null
  /** When it is dialled next, in milliseconds since 1970; null when only a lookup or the peer itself decides. */
  readonly next: number | null
  readonly connection: PeerConnection | null
  /** The latest connection that has ended. */
  readonly last: EndedConnection | null
  toString(): string
}

/** Why a topic has peers, or has none. */
export type TopicCause =
  /** Peers that were found under it are connected. */
  | 'connected'
  /** It is not configured. */
  | 'not-configured'
  /** No transport was started yet. */
  | 'not-started'
  | 'our-suspend'
  | 'our-close'
  /** No transport has a network. */
  | 'offline'
  /** It was announced only: others have to find us. */
  | 'announced'
  /** No announcement or lookup was answered yet, as far as the transports tell. */
  | 'pending'
  /** Lookups found nobody. */
  | 'nobody-found'
  /** Peers were found, and none is connected: explain one of them. */
  | 'none-connected'

/** What one transport does for a topic. */
export interface TopicAtTransport {
  readonly transport: string
  readonly online: OnlineState
  /** When the announcement was stored last (ms since 1970), and by how many nodes, where known. */
  readonly announced: { readonly at: number; readonly nodes: number | null } | null
  /** When a lookup was answered last (ms since 1970), and how many peers it found. */
  readonly lookup: { readonly at: number; readonly found: number } | null
  /** The latest trouble that the transport told since it was online. */
  readonly trouble: string | null
}

/** Why a topic has peers, or has none. `String()` makes a few lines of English of it. */
export interface TopicExplanation {
  readonly type: 'topic'
  /** 32 bytes. */
  readonly discoveryKey: Buffer
  readonly cause: TopicCause
  /** Null when the topic is not configured. */
  readonly mode: TopicMode | null
  readonly flushed: boolean
  readonly transports: readonly TopicAtTransport[]
  /** The peers that were found under it, as far as they are remembered: in all, dialled, and connected. 32 bytes each. */
  readonly found: readonly Buffer[]
  readonly tried: readonly Buffer[]
  readonly connected: readonly Buffer[]
  toString(): string
}
