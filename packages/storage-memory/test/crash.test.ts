import { describe, expect, onTestFinished, test } from 'vitest'
import { MemoryDisk } from '../src/index.js'
import { replicating, storeOn } from './support/cores.js'
import { collect, databaseOf, resultOf } from './support/databases.js'

const CLOSED = { error: 'RocksDB session is closed' }
const DESTROYED = { error: 'Batch is destroyed' }

describe('after a crash', () => {
  test('flushed writes are there, and other writes are gone', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('a', 'flushed')
    await db.flush()
    await db.put('a', 'not flushed')
    await db.put('b', 'not flushed')
    disk.crash({ keep: 'flushed' })
    expect(await contentOf(disk)).toEqual(['a=flushed'])
  })

  test('all writes are there when only the process ended', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('a', '1')
    void resultOf(() => db.put('b', 'nobody was told'))
    disk.crash({ keep: 'written' })
    expect(await contentOf(disk)).toEqual(['a=1', 'b=nobody was told'])
  })

  test.each([0, 1, 3, 5, 9])('the last %i batches are gone, each as a whole', async (lose) => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('start', 'flushed')
    await db.flush()
    for (let i = 0; i < 5; i++) {
      const batch = db.write({ autoDestroy: true })
      batch.tryPut('x', `${i}`)
      batch.tryDelete(`y${i - 1}`)
      batch.tryPut(`y${i}`, '')
      await batch.flush()
    }
    expect(disk.unsyncedBatches).toBe(5)
    disk.crash({ lose })
    const last = 4 - lose
    expect(await contentOf(disk)).toEqual(
      last < 0 ? ['start=flushed'] : ['start=flushed', `x=${last}`, `y${last}=`]
    )
  })

  test.each(['close', 'suspend'] as const)('writes before a %s are durable', async (end) => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('a', '1')
    await db[end]()
    disk.crash({ keep: 'flushed' })
    expect(await contentOf(disk)).toEqual(['a=1'])
  })

  test('writes before a sync are durable, and the oldest batches are when there are more than the limit', async () => {
    const disk = new MemoryDisk({ unsyncedBytes: 5000 })
    const db = databaseOf(disk)
    await db.put('a', 'synced')
    disk.sync()
    expect(disk.unsyncedBatches).toBe(0)
    for (const key of 'bcde') await db.put(key, Buffer.alloc(2000, key))
    expect(disk.unsyncedBatches).toBe(2)
    disk.crash({ keep: 'flushed' })
    expect((await contentOf(disk)).map((entry) => entry.slice(0, 3))).toEqual(['a=s', 'b=b', 'c=c'])
  })

  test('writes that survived a crash survive the next one', async () => {
    const disk = new MemoryDisk()
    await databaseOf(disk).put('a', '1')
    disk.crash({ keep: 'written' })
    databaseOf(disk)
    disk.crash({ keep: 'flushed' })
    expect(await contentOf(disk)).toEqual(['a=1'])
  })

  test('every call of the database rejects, except close', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    const family = db.columnFamily('family')
    await db.put('a', '1')
    for (let i = 0; i < 40; i++) await db.put(`b${i}`, '')
    const iterator = db.iterator()[Symbol.asyncIterator]()
    await iterator.next()
    db.iterator().on('readable', () => {}) // nothing listens for its error
    const [read, write] = [db.read(), db.write()]
    const value = resultOf(() => read.get('a'))
    write.tryPut('a', '2')
    const pending = Promise.all([
      resultOf(() => db.get('a')),
      resultOf(() => family.put('a', '2')),
      resultOf(() => db.flush()),
      resultOf(() => collect(db.iterator())),
      resultOf(() => read.flush())
    ])
    disk.crash({ keep: 'flushed' })
    expect(await pending).toEqual([DESTROYED, DESTROYED, CLOSED, CLOSED, DESTROYED])
    expect(await value).toEqual(DESTROYED)
    expect(await resultOf(() => write.flush())).toEqual(DESTROYED)
    expect(await resultOf(() => iterator.next())).toEqual(CLOSED)
    for (const later of [() => db.get('a'), () => family.session(), () => db.suspend(), () => db.flush()]) {
      expect(await resultOf(later)).toEqual(CLOSED)
    }
    await family.close()
    await db.close()
    expect([db.closed, disk.isIdle()]).toEqual([true, true])
  })

  test('a database that was opening does not open', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    const opening = resultOf(() => db.ready())
    const value = resultOf(() => db.get('a'))
    disk.crash({ keep: 'flushed' })
    expect([await opening, await value]).toEqual([CLOSED, DESTROYED])
    expect(db.opened).toBe(false)
    await db.close()
  })

  test('calls that a suspend held reject', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('a', '1')
    await db.suspend()
    const held = [resultOf(() => db.get('a')), resultOf(() => db.flush())]
    const resumed = resultOf(() => db.resume())
    disk.crash({ keep: 'flushed' })
    expect(await Promise.all([...held, resumed])).toEqual([DESTROYED, CLOSED, CLOSED])
  })
})

describe('a Hypercore after a crash', () => {
  test('has a prefix of its blocks at every number of lost batches, and goes on', async () => {
    const lengths: number[] = []
    for (let lose = 0; lose < 20; lose++) {
      const disk = new MemoryDisk()
      const store = storeOn(disk.open(), 1)
      const core = store.get({ name: 'core' })
      for (let i = 0; i < 8; i++) await core.append(`block ${i}`)
      disk.crash({ lose })
      await store.close()
      const recovered = storeOn(disk.open(), 1)
      const again = recovered.get({ name: 'core' })
      await again.ready()
      lengths.push(again.length)
      const blocks = (await collect(again.createReadStream())).map(String)
      expect(blocks).toEqual(Array.from({ length: again.length }, (_, i) => `block ${i}`))
      await again.append('after')
      expect(String(await again.get(again.length - 1))).toBe('after')
      await recovered.close()
    }
    expect([...new Set(lengths)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0])
  })

  test('during a replication and an append leaves no rejection unhandled', async () => {
    const unseen: unknown[] = []
    const listener = (error: unknown): number => unseen.push(error)
    process.on('unhandledRejection', listener)
    onTestFinished(() => void process.off('unhandledRejection', listener))
    const disk = new MemoryDisk()
    const [store, other] = [storeOn(disk.open(), 1), storeOn(new MemoryDisk().open(), 2)]
    const writer = other.get({ name: 'core' })
    await writer.append(Array.from({ length: 200 }, (_, i) => `block ${i}`))
    const copy = store.get({ key: writer.key })
    await copy.ready()
    await replicating(store, other, async () => {
      const download = resultOf(() => copy.download({ start: 0, end: 200 }).done())
      await copy.get(3)
      const own = resultOf(() => store.get({ name: 'own' }).append('never'))
      disk.crash({ keep: 'flushed' })
      expect(await own).toHaveProperty('error')
      void download
      await turns(20)
    })
    await store.close()
    await turns(20)
    await other.close()
    expect(unseen).toEqual([])
    const recovered = storeOn(disk.open(), 1)
    expect(await collect(recovered.list())).toEqual([])
    await recovered.close()
  })
})

describe('a disk', () => {
  test('has one open database at a time', async () => {
    const disk = new MemoryDisk()
    const db = disk.open()
    expect(() => disk.open()).toThrow('close it, or call crash()')
    await db.close()
    await disk.open().close()
  })

  test('counts what is durable', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('four', 'sixsix')
    expect(disk.durableBytes).toBe(0)
    await db.flush()
    expect(disk.durableBytes).toBe(10)
  })

  test('is empty after a wipe', async () => {
    const disk = new MemoryDisk()
    const db = databaseOf(disk)
    await db.put('a', '1')
    await db.flush()
    disk.wipe()
    expect(disk.durableBytes).toBe(0)
    expect(await resultOf(() => db.get('a'))).toEqual(CLOSED)
    expect(await contentOf(disk)).toEqual([])
  })

  test('is busy until a result has arrived, and idle while a suspend holds the call', async () => {
    const disk = new MemoryDisk()
    expect(disk.isIdle()).toBe(true)
    const db = databaseOf(disk)
    const opening = db.ready()
    expect(disk.isIdle()).toBe(false)
    await opening
    const value = db.get('a')
    expect(disk.isIdle()).toBe(false)
    await value
    expect(disk.isIdle()).toBe(true)
    await db.suspend()
    const held = db.get('a')
    await turns(1)
    expect(disk.isIdle()).toBe(true)
    await db.resume()
    expect(await held).toBe(null)
  })

  test('refuses numbers of batches or bytes that make no sense', () => {
    expect(() => new MemoryDisk({ unsyncedBytes: Number.NaN })).toThrow(
      'unsyncedBytes must be a number of bytes from 0 on, got NaN'
    )
    const disk = new MemoryDisk()
    expect(() => disk.crash({ lose: -1 })).toThrow('lose must be a number of write batches, got -1')
  })
})

async function contentOf(disk: MemoryDisk): Promise<string[]> {
  const db = databaseOf(disk)
  const entries = await collect(db.iterator())
  await db.close()
  return entries.map(({ key, value }) => `${key}=${value}`)
}

/** Waits for rounds of the event loop. By then, every promise that would reject has rejected. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
