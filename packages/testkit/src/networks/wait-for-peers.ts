import type { Networker } from '@basestore/networker'
import { assertCount } from './count.js'
import { checkWait, deadline, type WaitOptions } from './deadline.js'
import { Group, groupOf } from './group.js'
import { shortKey } from './keys.js'
import { drawMap, listed, type Named } from './peer-map.js'
import { untilPeers } from './peers-change.js'

/** The most networkers, and for each the most others, of which a message tells why they are not connected. */
const MAX_REASONS = 3

/**
 * Waits until a networker, or each of several networkers, has peers.
 *
 * @param count how many peers are enough
 * @throws NetworkerError `TIMEOUT`; the message tells who is connected to whom and what to check. `INVALID_OPTION`
 * without a count. An abort rejects with the signal's reason.
 */
export async function waitForPeers(
  networkers: Networker | Iterable<Networker>,
  count: number,
  options: WaitOptions = {}
): Promise<void> {
  assertCount('count', count)
  checkWait(options)
  const all = Symbol.iterator in networkers ? [...networkers] : [networkers]
  const lacking = () => all.filter(({ peers }) => peers.size < count)
  await deadline(
    (signal) => untilPeers(all, () => lacking().length === 0, signal),
    options,
    (timeout) => explain(lacking(), count, timeout)
  )
}

async function explain(lacking: readonly Networker[], count: number, timeout: number): Promise<string> {
  const groups = new Set(lacking.map((networker) => groupOf(networker) ?? networker))
  const maps = Array.from(groups, (group) => drawMap(membersOf(group), { first: lacking }))
  const have = lacking.map(
    (networker) => `${nameOf(networker)} has ${networker.peers.size} of ${count} peers`
  )
  const why = await reasons(lacking)
  return [`after ${timeout} ms ${listed(have)}.`, ...maps, ...why, hint([...groups])].join('\n\n')
}

/** What the networkers themselves say of those of their group whom they lack. A topology keeps some apart on purpose. */
async function reasons(lacking: readonly Networker[]): Promise<string[]> {
  const lines: string[] = []
  for (const networker of lacking.slice(0, MAX_REASONS)) {
    const group = groupOf(networker)
    if (!group || group.hasTopology) continue
    const missing = group.peers.filter(({ networker: other }) => {
      return other !== networker && !networker.peer(other.keyPair.publicKey)
    })
    for (const { name, networker: other } of missing.slice(0, MAX_REASONS)) {
      const [first] = String(await networker.explain(other.keyPair.publicKey)).split('\n')
      lines.push(`  ${nameOf(networker)}: ${first!.replace(/^Peer \w+/, name)}`)
    }
  }
  return lines.length > 0 ? [lines.join('\n')] : []
}

function hint(groups: readonly (Group | Networker)[]): string {
  if (groups.every((group) => group instanceof Group && group.hasTopology)) {
    return 'Check the topology: it allows only its own links. connect(a, b) of the group adds one.'
  }
  return (
    'Check that both sides configure() the same discovery key, that one of them announces and the other looks up, ' +
    'that their transports share a network, and that firewall and maxPeers admit them.'
  )
}

function membersOf(group: Group | Networker): readonly Named[] {
  return group instanceof Group ? group.peers : [{ name: nameOf(group), networker: group }]
}

function nameOf(networker: Networker): string {
  const known = groupOf(networker)?.peers.find((peer) => peer.networker === networker)
  return known?.name ?? shortKey(networker.keyPair.publicKey)
}
