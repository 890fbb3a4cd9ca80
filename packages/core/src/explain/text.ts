import { encode } from 'hypercore-id-encoding'
import type { PeerExplanation, TopicCause, TopicExplanation } from './explanation.js'
import { why } from './outcome.js'

/** The most topics of a peer that the text names. The data have all. */
const SHOWN = 3

const WHY_TOPIC: Readonly<Record<TopicCause, string>> = {
  connected: 'peers that were found under it are connected',
  'not-configured': 'it is not configured; await networker.configure() with it',
  'not-started': why('not-started'),
  'our-suspend': why('our-suspend'),
  'our-close': why('our-close'),
  offline: why('offline'),
  announced: 'it is announced, and not looked up: others have to find us',
  pending: 'no transport has told of an answer yet',
  'nobody-found':
    'it was looked up, and nobody was found. Does another peer announce it, and is it the same topic?',
  'none-connected': 'peers were found, and none is connected; explain one of them by its public key'
}

export function describePeer(explanation: PeerExplanation): string {
  const { remotePublicKey, cause, dialling, next, connection, last } = explanation
  const head = connection ? 'is connected' : `is not connected: ${why(cause)}`
  const lines = [
    foundLine(explanation),
    ...attemptLines(explanation),
    dialling !== null && `It is being dialled since ${ago(dialling)}.`,
    next !== null && `It is dialled next in ${span(next - Date.now())}.`,
    connection && connectionLine(connection),
    cause === 'not-found' && 'If this is a topic: it is not configured.',
    last &&
      `The last connection, over ${carrier(last)}, took ${span(last.until - last.since)} and ended ` +
        `${ago(last.until)} ago: ${why(last.ended)}. ${bytes(last)}`
  ]
  return [`Peer ${encode(remotePublicKey)} ${stop(head)}`, ...indented(lines)].join('\n')
}

export function describeTopic(explanation: TopicExplanation): string {
  const { discoveryKey, cause, mode, flushed, transports, found, tried, connected } = explanation
  const does = [mode?.announce && 'announced', mode?.lookup && 'looked up'].filter(Boolean).join(' and ')
  const lines = [
    mode && `It is ${does}, and ${flushed ? 'flushed' : 'not flushed yet'}.`,
    ...transports.map((one) => transportLine(one, mode)),
    mode?.lookup &&
      `Of the peers found, ${found.length} are remembered, ${tried.length} were tried, ${connected.length} are connected.`
  ]
  return [`Topic ${encode(discoveryKey)}: ${stop(WHY_TOPIC[cause])}`, ...indented(lines)].join('\n')
}

function foundLine({ found, cause, connection }: PeerExplanation): string | null {
  if (found.length === 0) {
    return cause === 'not-found' || connection
      ? null
      : 'It was never found under a topic, as far as we remember.'
  }
  const each = found
    .slice(-SHOWN)
    .map(({ topic, transport, at }) => `${transport} under topic ${encode(topic)}, ${ago(at)} ago`)
  const more = found.length > SHOWN ? `; and under ${found.length - SHOWN} more` : ''
  return `It was found by ${each.join('; by ')}${more}.`
}

function attemptLines({ attempts, failures, cause }: PeerExplanation): (string | null)[] {
  const latest = attempts.at(-1)
  if (!latest) return []
  const theirs = attempts.filter(({ direction }) => direction === 'in').length
  const counted = `${times(failures)} by us, ${times(theirs)} by the peer`
  const { outcome, transport, at, nat, detail } = latest
  const how = outcome === cause ? '' : `: ${why(outcome)}`
  return [
    `It was dialled in vain ${counted}, the last time over ${transport}, ${ago(at)} ago${stop(how)}`,
    nat && `The routers: ours is '${nat.ours}', its is '${nat.theirs}'.`,
    detail && `The transport says: ${stop(detail)}`
  ]
}

function connectionLine(connection: NonNullable<PeerExplanation['connection']>): string {
  const { direction, since, relayed, remoteAddress } = connection
  const way = relayed === null ? '' : relayed ? ', relayed' : ', direct'
  const to = remoteAddress ? `, with ${remoteAddress}` : ''
  const who = direction === 'out' ? 'we dialled' : 'it dialled'
  return `The connection is over ${carrier(connection)}${way}${to}, ${who}, since ${ago(since)}. ${bytes(connection)}`
}

function transportLine(
  { transport, online, announced, lookup, trouble }: TopicExplanation['transports'][number],
  mode: TopicExplanation['mode']
): string {
  const parts = [`Transport '${transport}' is ${online}`]
  if (mode?.announce) {
    const nodes = announced && announced.nodes !== null ? ` at ${announced.nodes} nodes` : ''
    parts.push(announced ? `announced${nodes} ${ago(announced.at)} ago` : 'told of no announcement')
  }
  if (mode?.lookup) {
    parts.push(lookup ? `looked up ${ago(lookup.at)} ago and found ${lookup.found}` : 'told of no lookup')
  }
  return `${parts.join(', ')}.${trouble ? ` Its trouble: ${stop(trouble)}` : ''}`
}

function carrier({ transport, type }: { readonly transport: string; readonly type: string }): string {
  return transport === type ? transport : `${transport} (${type})`
}

function bytes({
  bytesRead,
  bytesWritten
}: {
  readonly bytesRead: number
  readonly bytesWritten: number
}): string {
  return `${bytesRead} bytes came, ${bytesWritten} went.`
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`
}

function ago(at: number): string {
  return span(Date.now() - at)
}

function span(ms: number): string {
  const seconds = Math.max(0, ms / 1000)
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 360) / 10} h`
}

function stop(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

function indented(lines: readonly (string | false | null | undefined)[]): string[] {
  return lines.flatMap((line) => (line ? `  ${line}` : []))
}
