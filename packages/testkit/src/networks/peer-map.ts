import type { Networker } from '@basestore/networker'

/** How much of a key a message shows: enough to tell the peers of a test apart. */
const SHORT_BYTES = 4
/** What a message shows of a large group, in lines, and of a long list, in items. */
const MAX_LINES = 24
const MAX_ITEMS = 8

/** A networker and what to call it. */
export interface Named {
  readonly name: string
  readonly networker: Networker
}

export interface MapOptions {
  /** What else there is to tell of a peer, at the end of its line. */
  readonly notes?: ReadonlyMap<Named, string>
  /** Those who come first in a group of which not all are shown. */
  readonly first?: readonly Networker[]
}

/**
 * Draws who is connected to whom, and under which topics each wants to be found:
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

/** Whom a networker has as a peer, by name where it is one of these, by the beginning of its key otherwise. */
export function neighboursOf({ networker }: Named, peers: readonly Named[]): string[] {
  const neighbours = [...networker.peers].map(({ remotePublicKey }) => remotePublicKey)
  const known = peers.filter(({ networker: { keyPair } }) =>
    neighbours.some((key) => key.equals(keyPair.publicKey))
  )
  const strangers = neighbours.filter(
    (key) => !peers.some(({ networker: { keyPair } }) => key.equals(keyPair.publicKey))
  )
  return [...known.map(({ name }) => name), ...strangers.map(short)]
}

/** `a, b, c`, of which a message shows the first. */
export function listed(items: readonly string[]): string {
  if (items.length <= MAX_ITEMS) return items.join(', ')
  return `${items.slice(0, MAX_ITEMS).join(', ')} and ${items.length - MAX_ITEMS} more`
}

export function short(key: Uint8Array): string {
  return Buffer.from(key).toString('hex', 0, SHORT_BYTES)
}

function topicsOf(networker: Networker): string {
  const topics = networker.allStatuses().map(({ discoveryKey, announce, lookup }) => {
    const only = announce ? ' (only announced)' : ' (only looked up)'
    return short(discoveryKey) + (announce && lookup ? '' : only)
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
