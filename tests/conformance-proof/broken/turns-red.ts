import type { TransportFixture } from '@basestore/conformance'
import { cases } from '@basestore/conformance'

export interface BrokenTransport extends TransportFixture {
  /** The ids of the cases that it turns red, and of no others. */
  readonly red: readonly string[]
  /** Whether other cases wait for it too, each for a while, before they go on without it. */
  readonly hangs: boolean
}

/** Each by what it does wrong. */
export type BrokenTransports = Readonly<Record<string, BrokenTransport>>

/** Says which cases a broken transport turns red: of each group their names, or `'all'`. */
export function turnsRed(
  groups: Readonly<Record<string, string>>,
  fixture: TransportFixture
): BrokenTransport {
  const red = Object.entries(groups).flatMap(([group, names]) => idsOf(group, names))
  return { ...fixture, red, hangs: false }
}

/** As {@link turnsRed}, of one that other cases wait for too. */
export function hangsAndTurnsRed(...args: Parameters<typeof turnsRed>): BrokenTransport {
  return { ...turnsRed(...args), hangs: true }
}

function idsOf(group: string, names: string): string[] {
  if (names === 'all') return cases.filter((one) => one.group === group).map(({ id }) => id)
  return names.split(' ').map((name) => `${group}.${name}`)
}
