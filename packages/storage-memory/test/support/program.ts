import { type FullCore, type FullStore, replicating, storeOn } from './cores.js'
import { collect, resultOf } from './databases.js'

const TIMES = new Set(['timestamp', 'recovering'])
const LARGE = Buffer.alloc(70_000, 'large ')

/** The results of the steps, by name. */
export type Findings = Map<string, unknown>

/**
 * Uses each part of a Hypercore that touches its storage. On two databases that work alike, the findings are the same.
 *
 * @param open opens the first store's database again, each time it is called
 * @param openOther opens that of a store to replicate with
 */
export async function runProgram(open: () => unknown, openOther: () => unknown): Promise<Findings> {
  const findings: Findings = new Map()
  let store = storeOn(open(), 1)
  const other = storeOn(openOther(), 2)
  const { key } = await findingsOfCore(store, findings)
  await findingsOfSessions(store, findings)
  await findingsOfStore(store, findings)
  await findingsOfReplication(store, other, key, findings)
  await store.close()
  store = storeOn(open(), 1)
  findings.set('reopened', await everything(store))
  await findingsOfRemoval(store, findings)
  await store.close()
  findings.set('other', await everything(other))
  await other.close()
  return findings
}

async function findingsOfCore(store: FullStore, findings: Findings): Promise<FullCore> {
  const core = store.get({ name: 'main' })
  await core.append('first')
  await core.append(Array.from({ length: 40 }, (_, i) => `block ${i}`))
  await core.append([LARGE, '', Buffer.from([0, 255])])
  findings.set('appended', await state(core))
  const snapshot = core.snapshot()
  await snapshot.ready()
  await core.truncate(20)
  findings.set('truncated', await state(core))
  await core.append(['another', 'branch'])
  findings.set('forked', await state(core))
  findings.set('snapshot', [
    snapshot.length,
    await snapshot.get(5),
    await resultOf(() => snapshot.treeHash())
  ])
  await snapshot.close()
  await core.clear(3, 9)
  findings.set('cleared', [await has(core), await core.get(4, { wait: false })])
  await core.setUserData('name', 'value')
  await core.setUserData('empty', '')
  findings.set('user data', [await core.getUserData('name'), await core.getUserData('none')])
  findings.set('read stream', await collect(core.createReadStream({ start: 9, end: 22 })))
  findings.set(
    'byte stream',
    Buffer.concat(await collect(core.createByteStream({ byteOffset: 80, byteLength: 50 })))
  )
  findings.set('seek', await core.seek(100))
  await core.compact()
  return core
}

async function findingsOfSessions(store: FullStore, findings: Findings): Promise<void> {
  const core = store.get({ name: 'with sessions' })
  await core.append(['a', 'b', 'c', 'd'])
  const batch = core.session({ name: 'batch' })
  await batch.append(['e', 'f'])
  findings.set('batch', [await state(batch), core.length])
  findings.set('committed', [await resultOf(() => core.commit(batch)), await state(core)])
  await batch.close()
  const again = core.session({ name: 'batch' })
  await again.ready()
  findings.set('resumed batch', await state(again))
  await again.close()
  const checkout = core.session({ name: 'earlier', checkout: 2 })
  await checkout.append(['other c', 'other d'])
  await checkout.truncate(3)
  findings.set('checkout', await state(checkout))
  await checkout.close()
  const atom = store.storage.createAtom()
  const atomic = core.session({ atom })
  const second = store.get({ name: 'also in the atom' })
  await second.ready()
  const atomicSecond = second.session({ atom })
  await atomic.append('in an atom')
  await atomicSecond.append('in the same')
  await atomic.setUserData('from', 'the atom')
  findings.set('atom before', [
    core.length,
    second.length,
    await resultOf(() => atomic.get(atomic.length - 1))
  ])
  await atom.flush()
  findings.set('atom after', [await state(core), await state(second), await core.getUserData('from')])
  for (const session of [atomic, atomicSecond, core, second]) await session.close()
}

async function findingsOfStore(store: FullStore, findings: Findings): Promise<void> {
  const space = store.namespace('space')
  for (let i = 0; i < 20; i++) {
    const core = (i % 2 ? store : space).get({ name: `core ${i}` })
    if (i % 5) await core.append(`of ${i}`)
    else await core.ready()
    if (i % 3) await core.close()
  }
  findings.set('list', await collect(store.list()))
  findings.set('list of a namespace', await collect(store.list(space.ns)))
  findings.set('aliases', await collect(store.storage.createAliasStream(space.ns)))
  await store.storage.setRecovering()
  await store.suspend()
  const held = store.get({ name: 'core 1' }).append('while suspended')
  await store.resume()
  await held
  await store.storage.flush()
  await store.storage.compact()
  findings.set('audit', await collect(store.audit()))
}

async function findingsOfReplication(
  store: FullStore,
  other: FullStore,
  key: Buffer,
  findings: Findings
): Promise<void> {
  const copy = other.get({ key })
  const writer = store.get({ name: 'main' })
  await Promise.all([copy.ready(), writer.ready()])
  const back = other.get({ name: 'back' })
  await back.append(Array.from({ length: 30 }, (_, i) => `back ${i}`))
  const copyOfBack = store.get({ key: back.key })
  await copyOfBack.ready()
  await replicating(store, other, async () => {
    await copy.get(21)
    await copy.download({ start: 9, end: 22 }).done()
    await copyOfBack.get(29)
    await copyOfBack.download({ start: 0, end: 30 }).done()
    await writer.append('while connected')
    await copy.get(22)
  })
  findings.set('copy', await state(copy))
  findings.set('copy of back', await state(copyOfBack))
}

async function findingsOfRemoval(store: FullStore, findings: Findings): Promise<void> {
  const core = store.get({ name: 'with sessions' })
  await core.ready()
  findings.set('export', timeless(await store.storage.export(core.discoveryKey, { batches: true })))
  const first = (await collect(store.storage.createCoreStream()))[0] as { core: unknown }
  await core.close()
  await store.storage.deleteCore(first.core)
  findings.set('without the first', await collect(store.list()))
}

async function everything(store: FullStore): Promise<unknown> {
  await store.ready()
  const discoveryKeys = await collect(store.list())
  const cores = []
  for (const name of ['main', 'with sessions', 'also in the atom', 'back', 'core 1', 'core 3']) {
    const core = store.get({ name })
    await core.ready()
    cores.push({ name, ...(await state(core)), userData: await core.getUserData('name') })
    await core.close()
  }
  const { storage } = store
  return [
    discoveryKeys,
    await collect(storage.createCoreStream()),
    timeless(await storage.getInfos(discoveryKeys)),
    await storage.getDefaultDiscoveryKey(),
    cores
  ]
}

async function state(core: FullCore): Promise<object> {
  const { storage } = core.state
  const blocks = await collect(core.state.storage.createBlockStream())
  return {
    key: core.key,
    length: core.length,
    fork: core.fork,
    byteLength: core.byteLength,
    contiguousLength: core.contiguousLength,
    treeHash: await core.treeHash(),
    has: await has(core),
    blocks,
    reversed: await collect(storage.createBlockStream({ reverse: true, gte: 2 })),
    nodes: await collect(storage.createTreeNodeStream()),
    bitfield: await collect(storage.createBitfieldStream()),
    userData: await collect(storage.createUserDataStream())
  }
}

async function has(core: FullCore): Promise<boolean[]> {
  return Promise.all(Array.from({ length: core.length }, (_, i) => core.has(i)))
}

/** Replaces the times of day that Hypercore and setRecovering store. */
function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timeless)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const properties = Object.entries(value).map(([name, inner]) => [
    name,
    TIMES.has(name) ? inner > 0 : timeless(inner)
  ])
  return Object.fromEntries(properties)
}
