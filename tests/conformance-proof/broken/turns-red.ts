import type { TransportFixture } from '@basestore/conformance'
import { cases } from '@basestore/conformance'

export interface BrokenTransport extends TransportFixture {
  /** The ids of all cases that it turns red. */
  readonly red: readonly string[]
  /** Whether it also makes other cases wait, each for a tenth of its time limit, before they go on without it. */
  readonly hangs: boolean
}

/** The key says what the transport does wrong: 'a transport that ...'. */
export type BrokenTransports = Readonly<Record<string, BrokenTransport>>

/** @param groups the cases that turn red: by group their names, separated by spaces, or `'all'` */
export function turnsRed(
  groups: Readonly<Record<string, string>>,
  fixture: TransportFixture
): BrokenTransport {
  const red = Object.entries(groups).flatMap(([group, names]) => idsOf(group, names))
  return { ...fixture, red, hangs: false }
}

/** As {@link turnsRed}, for a transport that makes other cases wait too: see {@link BrokenTransport.hangs}. */
export function hangsAndTurnsRed(...args: Parameters<typeof turnsRed>): BrokenTransport {
  return { ...turnsRed(...args), hangs: true }
}

function idsOf(group: string, names: string): string[] {
  if (names === 'all') return cases.filter((one) => one.group === group).map(({ id }) => id)
  return names.split(' ').map((name) => `${group}.${name}`)
}
