import type { Transport } from '@basestore/networker/transport'
import type { FixtureNetwork } from './fixture.js'

/**
 * A need of a case: methods of the transport (`connect`; `suspend` with `resume`), or methods of the network's
 * `faults` (all others). The case is skipped where they are missing.
 */
export type Need = 'connect' | 'suspend' | 'cut' | 'silence' | 'heal' | 'offline' | 'online' | 'dial'

/** Thrown to skip a case. The message says what is missing. */
export class Skip extends Error {}

/** @throws Skip */
export function checkNetwork(needs: readonly Need[], network: FixtureNetwork): void {
  for (const need of needs) {
    if (need === 'connect' || need === 'suspend') continue
    if (!network.faults?.[need]) throw new Skip(`the fixture's network has no faults.${need}()`)
  }
}

/** @throws Skip */
export function checkTransport(needs: readonly Need[], transport: Transport): void {
  if (needs.includes('connect') && typeof transport.connect !== 'function') {
    throw new Skip('the transport has no connect()')
  }
  const suspends = typeof transport.suspend === 'function' && typeof transport.resume === 'function'
  if (needs.includes('suspend') && !suspends) throw new Skip('the transport has no suspend() and resume()')
}
