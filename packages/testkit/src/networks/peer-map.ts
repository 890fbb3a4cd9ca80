import type { Networker } from '@basestore/networker'
import { shortKey } from './keys.js'

/** The most lines of a map, and the most items of a list, that a message shows. */
const MAX_LINES = 24
const MAX_ITEMS = 8

/** A networker and its name in a message. */
export interface Named {
  readonly name: string
  readonly networker: Networker
}

export interface MapOptions {
  /** A remark on a peer, for the end of its line. */
  readonly notes?: ReadonlyMap<Named, string>
  /** Networkers whose lines come first. A map of a large group shows only the first lines. */
  readonly first?: readonly Networker[]
}

/**
 * Draws who is connected to whom, and which topics each has joined:
 *
 * ```
 *   alice -- bob           topic 5f2e8a10
 *   bob   -- alice, carol  topic 5f2e8a10
 *   carol -- bob           no topic
 * ```
 */
export function drawMap(peers: readonly Named[], { notes, first = [] }: MapOptions = {}): string {
  const isFirst = ({ networker }: Named) => first.includes(networker)
  const shown =
    peers.length > MAX_LINES
      ? [...peers.filter(isFirst), ...peers.filter((peer) => !isFirst(peer))].slice(0, MAX_LINES)
      : peers
  const rows = shown.map((peer) => [
    peer.name,
    `-- ${listed(neighboursOf(peer, peers)) || 'nobody'}`,
    topicsOf(peer.networker),
    notes?.get(peer) ?? ''
  ])
  const lines = aligned(rows)
  if (peers.length > MAX_LINES) lines.push(`... and ${peers.length - MAX_LINES} more`)
  return lines.map((line) => `  ${line}`).join('\n')
}

/** The peers of a networker: by name where it is one of these, otherwise by the beginning of the key. */
export function neighboursOf({ networker }: Named, peers: readonly Named[]): string[] {
  const neighbours = [...networker.peers].map(({ remotePublicKey }) => remotePublicKey)
  const known = peers.filter(({ networker: { keyPair } }) =>
    neighbours.some((key) => key.equals(keyPair.publicKey))
  )
  const strangers = neighbours.filter(
    (key) => !peers.some(({ networker: { keyPair } }) => key.equals(keyPair.publicKey))
  )
  return [...known.map(({ name }) => name), ...strangers.map(shortKey)]
}

/** Items as in `a, b, c and 7 more`. */
export function listed(items: readonly string[]): string {
  if (items.length <= MAX_ITEMS) return items.join(', ')
  return `${items.slice(0, MAX_ITEMS).join(', ')} and ${items.length - MAX_ITEMS} more`
}

function topicsOf(networker: Networker): string {
  const topics = networker.allStatuses().map(({ discoveryKey, announce, lookup }) => {
    const only = announce ? ' (only announced)' : ' (only looked up)'
    return shortKey(discoveryKey) + (announce && lookup ? '' : only)
  })
  if (topics.length === 0) return 'no topic'
  return `${topics.length === 1 ? 'topic' : 'topics'} ${listed(topics)}`
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const separators = [' ', '  ', '  ', '']
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!) + separators[column])
      .join('')
      .trimEnd()
  )
}
