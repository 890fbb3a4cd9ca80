import type { SimulatedPeer } from './peer.js'
import type { Recorder } from './recorder.js'
import type { Roster } from './roster.js'

/** What a failure shows of the trace, in events, and of those who are down, in lines. */
const EVENTS = 16
const DOWN = 16

/** Names in a message, at most. */
const NAMES = 8

/** Peers by their names, as people read them. */
export function listed(peers: readonly SimulatedPeer[]): string {
  const names = peers.slice(0, NAMES).map(({ name }) => name)
  const more = peers.length - names.length
  return `${names.join(', ') || 'nobody'}${more > 0 ? ` and ${more} more` : ''}`
}

/**
 * What went wrong, with who is connected to whom and what happened last.
 *
 * @param who those concerned
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
