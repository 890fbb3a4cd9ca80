import type { DialFailure } from '../contract.js'
import { WHY_LEFT } from '../errors.js'

/** Why a remote refused us or ended a connection, if it said so. */
export type RemoteReason = 'refused' | 'full' | 'closing' | 'suspended' | 'duplicate'

/**
 * Why we refused a connection: our firewall said so, `maxPeers` are there, the app has banned the peer, or we were
 * suspended or closing.
 */
export type OurRefusal = 'our-firewall' | 'our-max-peers' | 'our-ban' | 'our-suspend' | 'our-close'

/**
 * How a dial ended that brought no peer, whichever side dialled. Beside the reasons that a transport, the remote or we
 * ourselves had: `unadmitted`, the remote closed the connection and did not say why; `half-open`, it opened at our end,
 * and nothing was heard.
 */
export type Outcome = DialFailure | RemoteReason | OurRefusal | 'unadmitted' | 'half-open'

/** How a connection ended that both sides had admitted. */
export type Ending = RemoteReason | 'lost' | 'our-disconnect' | 'our-suspend' | 'our-close'

/** Why a peer is connected, or is not: the latest that is known. */
export type PeerCause =
  | Outcome
  | Ending
  /** It is connected. */
  | 'connected'
  /** It is our own key. */
  | 'own-key'
  /** No transport was started yet. */
  | 'not-started'
  /** No transport has a network. */
  | 'offline'
  /** A connection is there, and one of the two sides has not decided on it. */
  | 'deciding'
  /** It is being dialled for the first time. */
  | 'dialling'
  /** It was found, and nothing is known of a dial. */
  | 'waiting'
  /** No lookup has found it, nobody dialled. */
  | 'not-found'

const WHY_FAILED: Readonly<Record<DialFailure, string>> = {
  timeout:
    'the dial timed out: nothing came back. It has stopped without a word, or something between us drops packets',
  silent: 'its side opened, and said nothing during the handshake. It hangs, or packets get lost between us',
  reset:
    'the connection broke before it was encrypted. The peer closed it or went down, or something resets it',
  garbled: 'what came was no handshake. Something changes the bytes, or another program answers there',
  unreachable: 'its computer answered that it takes no connection. Check that the peer runs there',
  gone: 'nobody answers by this key. It has stopped, and its announcement was left behind; or the key is wrong',
  nat: 'the routers of both sides let no connection through. One of the two needs an open port, or a relay',
  'other-key': 'another key answered at its address',
  aborted: 'we gave the dial up',
  failed: 'the dial failed'
}

const WHY_OURS: Readonly<Record<OurRefusal, string>> = {
  'our-firewall': 'our own firewall option refuses it',
  'our-max-peers': 'we have as many peers as our maxPeers option allows',
  'our-ban': 'the app has banned it with disconnect(key, { ban })',
  'our-suspend': 'we are suspended; await resume()',
  'our-close': 'our networker is closed; make a new one'
}

const WHY: Readonly<Record<PeerCause, string>> = {
  ...WHY_FAILED,
  ...WHY_LEFT,
  ...WHY_OURS,
  unadmitted: 'it closed the connection before it admitted us, and did not say why',
  'half-open':
    'the connection opened at our end, and the remote was never heard. Its end did not open, or packets get lost',
  lost: 'the connection was lost',
  'our-disconnect': 'we ended the connection',
  connected: 'it is connected',
  'own-key': 'this is our own key',
  'not-started': 'nothing was started yet; configure a topic, or await listen()',
  offline: 'no transport has a network; check the network and bootstrap',
  deciding: 'a connection is open, and one of the two sides has not admitted the other yet',
  dialling: 'it is being dialled',
  waiting: 'it was found, and is to be dialled',
  'not-found': 'it was never found under any topic; is it announced, and under which topic?'
}

/** One sentence. */
export function why(cause: PeerCause): string {
  return WHY[cause]
}

/** What a transport may tell. A later version may tell more. */
export function toDialFailure(outcome: unknown): DialFailure {
  return typeof outcome === 'string' && Object.hasOwn(WHY_FAILED, outcome)
    ? (outcome as DialFailure)
    : 'failed'
}

/** Every outcome of a dial, for counters. */
export const OUTCOMES: readonly Outcome[] = [
  ...(Object.keys(WHY_FAILED) as DialFailure[]),
  ...(Object.keys(WHY_LEFT) as RemoteReason[]),
  ...(Object.keys(WHY_OURS) as OurRefusal[]),
  'unadmitted',
  'half-open'
]

export const OUR_REFUSALS = Object.keys(WHY_OURS) as readonly OurRefusal[]
