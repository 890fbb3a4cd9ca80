import type { SimulatedPeer } from './peer.js'
import type { Recorder } from './recorder.js'
import type { Roster } from './roster.js'

/** How many events of the trace a failure shows, and how many peers that are down. */
const EVENTS = 16
const DOWN = 16

/** How many names a message lists. */
const NAMES = 8

/** Names of peers, as in `a, b and 7 more`. */
export function listNames(peers: readonly SimulatedPeer[]): string {
  const names = peers.slice(0, NAMES).map(({ name }) => name)
  const more = peers.length - names.length
  return `${names.join(', ') || 'nobody'}${more > 0 ? ` and ${more} more` : ''}`
}

/**
 * The text of a failure: what went wrong, who is connected to whom, and the last events.
 *
 * @param who the peers that it is about: the map shows them first, and the events are theirs
 */
export function explain(
  what: string,
  who: readonly SimulatedPeer[],
  roster: Roster,
  recorder: Recorder
): string {
  const all = [...new Set([...who, ...roster.all.values()])]
  const down = all.filter(({ isUp }) => !isUp).map(({ name, state }) => `  ${name} has ${state}`)
  const lines = [
    roster.map(who),
    ...down.slice(0, DOWN),
    down.length > DOWN ? `  ... and ${down.length - DOWN} more` : ''
  ]
  const events = recorder.latest(who.map(({ name }) => name)).slice(-EVENTS)
  return [
    what,
    `Who is connected to whom:\n${lines.filter(Boolean).join('\n') || '  nobody is there'}`,
    `What happened last:\n${events.join('\n') || '  nothing'}`
  ].join('\n\n')
}
