import { type Networker, NetworkerError } from '@basestore/networker'
import { assertCount } from './count.js'
import { checkWait, deadline, type WaitOptions } from './deadline.js'
import { groupOf, ownerOf, type TestPeer } from './group.js'
import { shortKey } from './keys.js'
import { drawMap, listed } from './peer-map.js'
import type { ReplicatedCore } from './store.js'

const HINT =
  "Check that the core's writer has them, that the core is open on both sides under the same key, and that everyone " +
  'on the way to the writer downloads them too.'

/**
 * Downloads the first blocks of a core, or of each of several cores, and waits until all of them are stored here.
 *
 * @param length how many blocks, counted from the first
 * @throws NetworkerError `TIMEOUT`; the message tells who has how many blocks and who is connected to whom.
 * `INVALID_OPTION` without a length. `CLOSED` when a download ends without all blocks. An abort rejects with the
 * signal's reason.
 */
export async function waitForBlocks(
  cores: ReplicatedCore | Iterable<ReplicatedCore>,
  length: number,
  options: WaitOptions = {}
): Promise<void> {
  assertCount('length', length)
  checkWait(options)
  const all = Symbol.iterator in cores ? [...cores] : [cores]
  const ranges = all.map((core) => core.download({ start: 0, end: length }))
  try {
    await deadline(
      () => Promise.all(ranges.map((range) => range.done())),
      options,
      async (timeout) => explain(await lacking(all, length), length, `after ${timeout} ms`)
    )
  } finally {
    for (const range of ranges) range.destroy()
  }
  const without = await lacking(all, length)
  if (without.length === 0) return
  throw new NetworkerError('CLOSED', await explain(without, length, 'after the download'))
}

async function lacking(cores: readonly ReplicatedCore[], length: number): Promise<ReplicatedCore[]> {
  const complete = await Promise.all(cores.map((core) => core.has(0, length)))
  return cores.filter((_, index) => !complete[index])
}

async function explain(cores: readonly ReplicatedCore[], length: number, when: string): Promise<string> {
  const states = await Promise.all(cores.map((core) => stateOf(core, length)))
  const first = cores.flatMap(({ core }) => ownerOf(core)?.networker ?? [])
  const maps = new Set(await Promise.all(cores.map((core) => mapOf(core, length, first))))
  return [`${when} ${listed(states)}.`, ...maps, HINT].filter((part) => part !== '').join('\n\n')
}

async function stateOf(core: ReplicatedCore, length: number): Promise<string> {
  const name = ownerOf(core.core)?.name ?? 'the core'
  const sharing = core.peers.length === 1 ? '1 peer shares' : `${core.peers.length} peers share`
  return `${name} has ${await countBlocks(core, length)} of ${length} blocks, and ${sharing} the core`
}

/** Draws the core's group with the number of blocks that each peer has. Empty for a core of no group. */
async function mapOf(
  { core, key }: ReplicatedCore,
  length: number,
  first: readonly Networker[]
): Promise<string> {
  const owner = ownerOf(core)
  const group = owner && groupOf(owner.networker)
  if (!group || !core?.discoveryKey || !key) return ''
  const { discoveryKey } = core
  const notes = new Map<TestPeer, string>()
  for (const peer of group.peers) notes.set(peer, await noteOf(peer, discoveryKey, key, length))
  const map = drawMap(group.peers, { notes, first })
  return `core ${shortKey(key)}, whose topic is ${shortKey(discoveryKey)}:\n${map}`
}

async function noteOf(
  { store }: TestPeer,
  discoveryKey: Uint8Array,
  key: Uint8Array,
  length: number
): Promise<string> {
  if (store.closing) return 'closed'
  if (!store.cores?.get(discoveryKey)) return 'not open' // getting a session would open it
  const session = store.get({ key })
  try {
    return `${await countBlocks(session, length)} of ${length} blocks`
  } catch {
    return 'closed' // it closed while we counted
  } finally {
    await session.close()
  }
}

async function countBlocks(core: ReplicatedCore, length: number): Promise<number> {
  let count = 0
  for (let index = 0; index < length; index++) if (await core.has(index)) count++
  return count
}
