import { NetworkerError } from '@basestore/networker/transport'
import type { ConformanceCase } from '../case.js'
import { closing } from './closing.js'
import { connect } from './connect.js'
import { data } from './data.js'
import { faults } from './faults.js'
import { fixture } from './fixture.js'
import { flush } from './flush.js'
import { hostileBytes } from './hostile-bytes.js'
import { identity } from './identity.js'
import { joinAndLeave } from './join-and-leave.js'
import { offline } from './offline.js'
import { scale } from './scale.js'
import { simultaneousDial } from './simultaneous-dial.js'
import { start } from './start.js'
import { stop } from './stop.js'
import { streams } from './streams.js'
import { suspend } from './suspend.js'

/** All cases, in the order of the guide's sections. */
export const cases: readonly ConformanceCase[] = [
  ...fixture,
  ...identity,
  ...start,
  ...joinAndLeave,
  ...flush,
  ...streams,
  ...data,
  ...closing,
  ...stop,
  ...simultaneousDial,
  ...scale,
  ...connect,
  ...suspend,
  ...faults,
  ...offline,
  ...hostileBytes
]

/**
 * The cases of these ids and groups, or all cases.
 *
 * @throws NetworkerError `INVALID_OPTION` when a name is neither an id nor a group
 */
export function select(names: readonly string[] = []): readonly ConformanceCase[] {
  for (const name of names) {
    if (cases.some(({ id, group }) => id === name || group === name)) continue
    const groups = [...new Set(cases.map(({ group }) => group))].join(', ')
    throw new NetworkerError(
      'INVALID_OPTION',
      `no case is called '${name}'; pass an id, such as '${cases[0]!.id}', or a group: ${groups}`
    )
  }
  if (names.length === 0) return cases
  return cases.filter(({ id, group }) => names.includes(id) || names.includes(group))
}
