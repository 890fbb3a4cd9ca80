import type { Networker } from '@basestore/networker'

const EVENTS = ['peer-add', 'peer-remove'] as const

/** Resolves once a condition holds. It is checked at first, and whenever one of the networkers gets or loses a peer. */
export function untilPeers(
  networkers: readonly Networker[],
  condition: () => boolean,
  signal: AbortSignal
): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return
      stop()
      resolve()
    }
    const stop = () => {
      for (const networker of networkers) {
        for (const event of EVENTS) networker.removeListener(event, look)
      }
      signal.removeEventListener('abort', stop)
    }
    for (const networker of networkers) for (const event of EVENTS) networker.on(event, look)
    signal.addEventListener('abort', stop)
    look()
  })
}
