import type { LinkedPeer, PeerLink } from './linked-peer.js'
import type { TransportSlot } from './transport-slot.js'
import { pause } from './wait.js'

/** Time for the other transports to reach a peer whose last link was lost (ms). Then the peer is removed. */
const TIMEOUT = 2_000
/** First pause between two attempts to reach a lost peer (ms). Each further pause is twice as long. */
const DELAY = 50

export interface FailoverContext {
  readonly slots: readonly TransportSlot[]
  /** Aborted when closing begins. */
  readonly signal: AbortSignal
  /** False while lost peers are not to be reached again: suspended, closing. */
  open(): boolean
}

/**
 * Reaches a peer whose last link was lost through the other transports, unless the remote ended it. Resolves when it is
 * reached, or given up.
 */
export async function failover(peer: LinkedPeer, lost: PeerLink, context: FailoverContext): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve)) // a transport may replace the stream in this tick
  if (peer.links.length > 0 || !context.open() || lost.reason !== null) return
  const others = context.slots.filter((slot) => slot !== lost.slot && slot.canConnect)
  if (others.length === 0) return
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT)])
  await Promise.all(others.map((slot) => reach(peer, slot, signal)))
}

/** Tries until the signal aborts: the remote refuses us for as long as it has not noticed the loss itself. */
async function reach(peer: LinkedPeer, slot: TransportSlot, signal: AbortSignal): Promise<void> {
  for (let delay = DELAY; peer.links.length === 0 && !signal.aborted; delay *= 2) {
    try {
      return await slot.connect(peer.remotePublicKey, signal)
    } catch {
      await pause(delay, signal)
    }
  }
}
