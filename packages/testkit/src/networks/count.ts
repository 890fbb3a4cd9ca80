import { inspect } from 'node:util'
import { NetworkerError } from '@basestore/networker'

/**
 * Refuses what is no count. Compared with it, a wait would end before it began, or never.
 *
 * @throws NetworkerError `INVALID_OPTION`
 */
export function assertCount(name: string, count: unknown): void {
  if (Number.isSafeInteger(count) && (count as number) >= 0) return
  throw new NetworkerError('INVALID_OPTION', `${name} must be 0, 1, 2, ..., got ${inspect(count)}`)
}
