import type { Networker } from '@basestore/networker'

const EVENTS = ['peer-add', 'peer-remove'] as const

/** Resolves when a condition holds that only a change of the networkers' peers can bring about. */
export function untilPeers(
  networkers: readonly Networker[],
  condition: () => boolean,
  signal: AbortSignal
): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!condition()) return
      stop()
      resolve()
    }
    const stop = () => {
      for (const networker of networkers) {
        for (const event of EVENTS) networker.removeListener(event, check)
      }
      signal.removeEventListener('abort', stop)
    }
    for (const networker of networkers) for (const event of EVENTS) networker.on(event, check)
    signal.addEventListener('abort', stop)
    check()
  })
}
