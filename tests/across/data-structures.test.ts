import { waitForPeers } from '@basestore/testkit'
import Autobase from 'autobase'
import Hyperbee from 'hyperbee'
import Hyperdrive from 'hyperdrive'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks, type TestNetwork } from './networks.js'

const TEXT = { keyEncoding: 'utf-8', valueEncoding: 'utf-8' }
/** An entry that adds a writer begins with it, and goes on with the writer's key in hex. */
const ADD = 'add '

function openBase(store: unknown, key: Uint8Array | null): Autobase {
  return new Autobase(store, key, {
    valueEncoding: 'utf-8',
    open: (views) => views.get({ name: 'view', valueEncoding: 'utf-8' }),
    async apply(nodes, view, host) {
      for (const { value } of nodes) {
        if (value.startsWith(ADD)) await host.addWriter(Buffer.from(value.slice(ADD.length), 'hex'))
        else await view.append(value)
      }
    }
  })
}

async function entriesOf({ view }: Autobase): Promise<string[]> {
  return Promise.all(Array.from({ length: view.length }, (_, index) => view.get(index)))
}

/** Resolves once a condition holds. It is asked after each update of the base. */
async function until(base: Autobase, condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => base.once('update', resolve))
}

describe.each(networks)('configure() %s', (_, open) => {
  let network: TestNetwork
  beforeAll(async () => {
    network = await open()
  })
  afterAll(() => network.close())

  it('takes a Hypercore that is not ready, and replicates it', async () => {
    await using group = await network.create(2)
    const [a, b] = group.networkers
    const core = group.stores[0].get({ name: 'core' })
    expect(core.discoveryKey).toBeNull()
    await a.configure(core)
    await core.append('hello')
    const copy = group.stores[1].get({ key: core.key })
    await b.configure(copy)
    expect([a.joined(core), b.joined(copy), b.flushed(copy)]).toEqual([true, true, true])
    expect(String(await copy.get(0))).toBe('hello')
  })

  it('refuses the key of a core that is open, and the null of one that is not ready', async () => {
    await using group = await network.create(1)
    const [networker] = group.networkers
    const core = group.stores[0].get({ name: 'core' })
    await expect(networker.configure(core.discoveryKey)).rejects.toThrow(
      /a core's discoveryKey is null until await core.ready\(\)/
    )
    await core.ready()
    for (const key of [core.key, core.key.toString('hex'), (core as unknown as { id: string }).id]) {
      await expect(networker.configure(key)).rejects.toMatchObject({
        code: 'INVALID_TOPIC',
        message: /this is a core's key/
      })
    }
    expect(networker.allStatuses()).toEqual([])
    await networker.configure(core.discoveryKey)
  })

  it('takes a Hyperbee', async () => {
    await using group = await network.create(2)
    const [a, b] = group.networkers
    const bee = new Hyperbee(group.stores[0].get({ name: 'bee' }), TEXT)
    await a.configure(bee)
    await bee.put('key', 'value')
    const copy = new Hyperbee(group.stores[1].get({ key: bee.core.key }), TEXT)
    await b.configure(copy)
    await copy.update({ wait: true })
    expect(await copy.get('key')).toMatchObject({ value: 'value' })
  })

  it('takes a Hyperdrive, whose blobs come with it', async () => {
    await using group = await network.create(2)
    const [a, b] = group.networkers
    const drive = new Hyperdrive(group.stores[0])
    await a.configure(drive)
    await drive.put('/file', Buffer.alloc(200_000, 'content'))
    const copy = new Hyperdrive(group.stores[1], drive.key)
    await b.configure(copy)
    await copy.update({ wait: true })
    expect((await copy.get('/file'))?.equals(Buffer.alloc(200_000, 'content'))).toBe(true)
    expect(copy.blobs!.core.key).toEqual(drive.blobs!.core.key)
    expect(b.allStatuses().map(({ discoveryKey }) => discoveryKey)).toEqual([drive.discoveryKey])
    await Promise.all([drive.close(), copy.close()])
  })

  it('takes an Autobase, whose writers come with it', async () => {
    await using group = await network.create(2)
    const [a, b] = group.networkers
    const ours = openBase(group.stores[0].namespace('base'), null)
    await a.configure(ours)
    const theirs = openBase(group.stores[1].namespace('base'), ours.key)
    await b.configure(theirs)
    await waitForPeers(b, 1)
    await ours.append(ADD + theirs.local.key.toString('hex'))
    await until(theirs, () => theirs.writable)
    await Promise.all([ours.append('ours'), theirs.append('theirs')])
    for (const base of [ours, theirs]) {
      await until(base, () => base.view.length === 2)
      expect((await entriesOf(base)).sort()).toEqual(['ours', 'theirs'])
    }
    await Promise.all([ours.close(), theirs.close()])
  })
})
