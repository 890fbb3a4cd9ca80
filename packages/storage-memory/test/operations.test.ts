import { describe, expect, test } from 'vitest'
import { collect, type Database, onBoth, type Place, resultOf } from './support/databases.js'

type Program = (database: Database, place: Place) => Promise<unknown>

const LETTERS = [...'abcdefghijklmnopqrst']

/** Each program runs on RocksDB and on a memory database, and has to return the same on both. */
const PROGRAMS: Record<string, Program> = {
  'a value that was put': async (db) => {
    await db.put('key', 'value')
    return [await db.get('key'), await db.get('missing')]
  },

  'an empty value, no value, an empty key': async (db) => {
    await db.put('empty', '')
    await db.put('none', null)
    await db.put('', 'of the empty key')
    return [await db.get('empty'), await db.get('none'), await db.get(''), await collect(db.iterator())]
  },

  'a value that is replaced, and one that is deleted': async (db) => {
    await db.put('a', '1')
    await db.put('a', '2')
    await db.put('b', '3')
    await db.delete('b')
    await db.delete('missing')
    return collect(db.iterator())
  },

  'keys of bytes in their order': async (db) => {
    const keys = [[255], [0], [255, 255], [0, 0], [128], [127, 255], [255, 0], [1], [97, 0, 98], [97]]
    const batch = db.write({ autoDestroy: true })
    for (const key of keys) batch.tryPut(Buffer.from(key), Buffer.from(key))
    await batch.flush()
    return [
      await collect(db.iterator()),
      await collect(db.iterator({ reverse: true })),
      await collect(db.iterator({ gt: Buffer.from([0]), lte: Buffer.from([255]) }))
    ]
  },

  'text outside of ASCII': async (db) => {
    await db.put('ключ', 'значение')
    await db.put('clé', Buffer.from('ÿ'))
    return collect(db.iterator())
  },

  'a value of a megabyte': async (db) => {
    const value = Buffer.alloc(1 << 20, Buffer.from([0, 128, 255]))
    await db.put('large', value)
    return (await db.get('large'))?.equals(value)
  },

  'a buffer that is written to after it was put': async (db) => {
    const value = Buffer.from('before')
    await db.put('key', value)
    value.write('after!')
    const read = await db.get('key')
    read?.write('changed')
    return db.get('key')
  },

  'a part of a larger buffer': async (db) => {
    const whole = new Uint8Array([1, 2, 3, 4, 5, 6])
    await db.put(whole.subarray(1, 3), whole.subarray(3, 5))
    return collect(db.iterator())
  },

  'many reads in a batch, some of nothing': async (db) => {
    await letters(db)
    const batch = db.read({ autoDestroy: true })
    const values = ['a', 'nope', 't', '', 'k', 'a'].map((key) => batch.get(key))
    batch.tryFlush()
    return Promise.all(values)
  },

  'a batch in its order': async (db) => {
    const batch = db.write()
    batch.tryPut('a', '1')
    batch.tryDelete('a')
    batch.tryPut('b', '1')
    batch.tryPut('b', '2')
    batch.tryPut('c', '1')
    batch.tryDeleteRange('b', 'd')
    batch.tryPut('c', 'again')
    await batch.flush()
    batch.destroy()
    return collect(db.iterator())
  },

  'promises of a batch': async (db) => {
    const batch = db.write({ autoDestroy: true })
    const promises = [
      batch.put('a', '1'),
      batch.put('b', '2'),
      batch.delete('a'),
      batch.deleteRange('x', 'y')
    ]
    await batch.flush()
    return [await Promise.all(promises), await collect(db.iterator())]
  },

  'a batch that is used again': async (db) => {
    const write = db.write()
    write.tryPut('a', '1')
    await write.flush()
    write.tryPut('b', '2')
    await write.flush()
    write.destroy()
    const read = db.read()
    const first = read.get('a')
    await read.flush()
    const second = read.get('b')
    await read.flush()
    read.destroy()
    return [await first, await second]
  },

  'a batch that flushes once it is flushing': async (db) => {
    const batch = db.read()
    const value = batch.get('a')
    const flushed = batch.flush()
    const results = [
      await resultOf(() => batch.flush()),
      await resultOf(() => batch.tryFlush()),
      await resultOf(() => batch.destroy())
    ]
    await flushed
    batch.destroy()
    return [await value, ...results]
  },

  'a batch that takes more while it is flushing': async (db) => {
    const batch = db.write()
    batch.tryPut('a', '1')
    const flushed = batch.flush()
    const late = await resultOf(() => batch.tryPut('b', '2'))
    await flushed
    batch.destroy()
    return [late, await collect(db.iterator())]
  },

  'a batch that is destroyed': async (db) => {
    const batch = db.read()
    const value = resultOf(() => batch.get('a'))
    batch.destroy()
    batch.destroy()
    const write = db.write()
    write.tryPut('a', '1')
    write.destroy()
    return [
      await value,
      await resultOf(() => batch.flush()),
      await resultOf(() => batch.tryFlush()),
      await db.get('a')
    ]
  },

  'a range that is deleted: its start, not its end': async (db) => {
    await letters(db)
    await db.deleteRange('c', 'q')
    await db.deleteRange('a', 'a')
    await db.deleteRange('u', 'z')
    return collect(db.iterator())
  },

  'a range that ends before it starts applies nothing of its batch': async (db) => {
    await letters(db)
    const batch = db.write()
    batch.tryPut('new', '1')
    batch.tryDeleteRange('d', 'b')
    const flushed = await resultOf(() => batch.flush())
    batch.destroy()
    return [flushed, await collect(db.iterator())]
  },

  'two bounds at one side': async (db) => {
    await letters(db)
    const results: unknown[] = []
    for (const reverse of [false, true]) {
      for (const [e, without] of ['bd', 'db', 'bb', 'ab']) {
        results.push(await collect(db.iterator({ gte: e!, gt: without!, reverse })))
        results.push(await collect(db.iterator({ lte: e!, lt: without!, reverse })))
      }
    }
    return results
  },

  'limits around the size of a read': async (db) => {
    await letters(db)
    const results: unknown[] = []
    for (const limit of [-1, 0, 1, 7, 8, 9, 16, 19, 20, 21, Number.POSITIVE_INFINITY]) {
      for (const reverse of [false, true])
        results.push(await collect(db.iterator({ limit, reverse, gt: 'a' })))
    }
    return results
  },

  'keys alone': async (db) => {
    await letters(db)
    return [await collect(db.keys({ gte: 'k' })), await collect(db.iterator({ lt: 'c', values: false }))]
  },

  'the first of a range': async (db) => {
    await letters(db)
    return [
      await db.peek(),
      await db.peek({ gt: 'c' }),
      await db.peek({ lt: 'c', reverse: true }),
      await db.peek({ gt: 't' })
    ]
  },

  'an iterator sees nothing that is written after its first read': async (db) => {
    await letters(db)
    const seen: unknown[] = []
    for await (const entry of db.iterator()) {
      seen.push(entry)
      if (seen.length > 1) continue
      await db.put('bb', 'new')
      await db.delete('s')
      await db.deleteRange('m', 'p')
      await db.put('c', 'changed')
    }
    return [seen, await collect(db.iterator())]
  },

  'an iterator that is left early': async (db) => {
    await letters(db)
    for await (const entry of db.iterator()) if (entry.key.toString() === 'c') break
    db.iterator().destroy()
    await db.idle()
    return db.isIdle()
  },

  'a snapshot stays as it is': async (db) => {
    await letters(db)
    const snapshot = db.snapshot()
    await db.put('a', 'changed')
    await db.deleteRange('c', 'r')
    await db.put('z', 'new')
    const later = db.snapshot()
    const nested = snapshot.session()
    await db.delete('z')
    const batch = snapshot.read({ autoDestroy: true })
    const values = [batch.get('a'), batch.get('d'), batch.get('z')]
    batch.tryFlush()
    const results = [
      await Promise.all(values),
      await collect(snapshot.iterator({ reverse: true })),
      await collect(nested.iterator({ gt: 'p' })),
      await collect(later.iterator()),
      await collect(snapshot.session({ snapshot: false }).iterator()),
      [db.snapshotted, snapshot.snapshotted, nested.snapshotted]
    ]
    await snapshot.close()
    return [...results, await nested.get('a'), await resultOf(() => snapshot.get('a'))]
  },

  'a snapshot of a database that is not open yet': async (_db, place) => {
    await _db.put('a', '1')
    await _db.close()
    const db = place.open()
    const snapshot = db.snapshot()
    await db.put('a', '2')
    const results = [await snapshot.get('a'), await db.get('a')]
    await db.close({ force: true })
    return results
  },

  'what a snapshot writes': async (db) => {
    await db.put('a', '1')
    const snapshot = db.snapshot()
    await snapshot.put('a', '2')
    return [await snapshot.get('a'), await db.get('a')]
  },

  'column families': async (_db, place) => {
    await _db.close()
    const db = place.open()
    const [one, two] = [db.columnFamily('one'), db.columnFamily('two')]
    await db.put('a', 'of the default')
    await one.put('a', 'of one')
    await one.put('b', 'of one')
    await two.put('b', 'of two')
    await two.deleteRange('a', 'z')
    await one.session().put('c', 'of a session')
    const snapshot = one.snapshot()
    await one.delete('a')
    const results = [
      await collect(db.iterator()),
      await collect(one.iterator()),
      await collect(two.iterator()),
      await collect(snapshot.iterator()),
      await collect(snapshot.columnFamily('default').iterator()),
      await resultOf(() => void db.columnFamily('three'))
    ]
    await db.close({ force: true })
    return results
  },

  'what is there when it opens again': async (_db, place) => {
    const one = _db.columnFamily('one')
    await letters(_db)
    await one.put('a', 'of one')
    await _db.delete('b')
    await _db.close({ force: true })
    const db = place.open()
    const again = db.columnFamily('one')
    const results = [await collect(db.iterator()), await collect(again.iterator())]
    await db.close({ force: true })
    return results
  },

  'a session that is closed': async (db) => {
    const session = db.session()
    await session.put('a', '1')
    await session.close()
    await session.close()
    return [session.closed, db.closed, session.opened, await refusals(session), await db.get('a')]
  },

  'a database that is closed': async (db) => {
    const session = db.session()
    await db.put('a', '1')
    await db.close()
    await db.close()
    await db.ready()
    return [db.closed, db.opened, session.closed, await refusals(db), await refusals(session)]
  },

  'a database that closes without being used': async (db) => {
    await db.close()
    return [db.closed, db.opened]
  },

  'a database that closes by the force of a session': async (db) => {
    const session = db.session()
    await db.ready()
    await session.close({ force: true })
    return [db.closed, session.closed]
  },

  'closing waits for a batch': async (db) => {
    await db.ready()
    const batch = db.write()
    batch.tryPut('a', '1')
    const order: string[] = []
    const closed = db.close().then(() => order.push('closed'))
    const refused = await resultOf(() => db.get('a'))
    await batch.flush()
    order.push('flushed')
    batch.destroy()
    await closed
    return [order, refused]
  },

  'a suspended database holds everything until it resumes': async (db) => {
    await db.put('a', '1')
    await db.suspend()
    const order: string[] = []
    const held = [
      db.get('a').then((value) => order.push(`read ${value}`)),
      db.put('b', '2').then(() => order.push('written')),
      collect(db.iterator()).then(() => order.push('iterated'))
    ]
    await new Promise((resolve) => setImmediate(resolve))
    order.push('resuming')
    await db.resume()
    await Promise.all(held)
    return [order[0], order.slice(1).sort(), await db.get('b')]
  },

  'the last of suspend and resume': async (db) => {
    await db.ready()
    await Promise.all([db.suspend(), db.resume(), db.suspend(), db.suspend(), db.resume()])
    await db.put('a', '1')
    return db.get('a')
  },

  'a suspended database that is closed': async (db) => {
    await db.ready()
    await db.suspend()
    const held = [
      () => db.get('a'),
      () => db.put('a', '1'),
      () => db.flush(),
      () => collect(db.iterator())
    ].map(resultOf)
    await db.close()
    return Promise.all(held)
  },

  'what needs no answer': async (db) => {
    await letters(db)
    return [
      await db.flush(),
      await db.compactRange(),
      typeof (await db.approximateSize('a', 'f')),
      db.isIdle()
    ]
  }
}

describe('a memory database works as RocksDB:', () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(name, async () => {
      const { rocksdb, memory } = await onBoth(program)
      expect(rocksdb).toBeDefined()
      expect(memory).toEqual(rocksdb)
    })
  }

  test('ranges of all bounds, in both directions', async () => {
    const { rocksdb, memory } = await onBoth(ranges)
    expect(rocksdb).toHaveLength(9 * 16 * 2)
    expect(memory).toEqual(rocksdb)
  })

  test('no result arrives at once, and all before the event loop turns', async () => {
    const { memory } = await onBoth(async (db) => {
      await db.ready()
      const order: string[] = []
      const work = Promise.all([
        db.put('a', '1').then(() => order.push('written')),
        db.get('a').then((value) => order.push(`read ${value}`)),
        collect(db.iterator()).then(({ length }) => order.push(`iterated ${length}`))
      ])
      order.push('asked')
      await new Promise((resolve) => setImmediate(resolve))
      order.push('turned')
      await work
      return order
    })
    expect(memory[0]).toBe('asked')
    expect(memory.slice(1, 4).sort()).toEqual(['iterated 1', 'read 1', 'written'])
    expect(memory[4]).toBe('turned')
  })
})

async function letters(database: Database): Promise<void> {
  const batch = database.write({ autoDestroy: true })
  for (const letter of LETTERS) batch.tryPut(letter, letter.toUpperCase())
  await batch.flush()
}

async function ranges(database: Database): Promise<unknown[]> {
  await letters(database)
  const results: unknown[] = []
  for (const lower of ['gt', 'gte', undefined] as const) {
    for (const upper of ['lt', 'lte', undefined] as const) {
      for (const from of ['', 'c', 'cc', 'z']) {
        for (const to of ['', 'c', 'f', 'ff']) {
          const range = { ...(lower && { [lower]: from }), ...(upper && { [upper]: to }) }
          results.push(await collect(database.iterator(range)))
          results.push(await collect(database.iterator({ ...range, reverse: true })))
        }
      }
    }
  }
  return results
}

function refusals(database: Database): Promise<unknown[]> {
  return Promise.all(
    [
      () => database.get('a'),
      () => database.put('a', '2'),
      () => database.peek(),
      () => void database.read(),
      () => void database.write(),
      () => void database.iterator(),
      () => void database.session(),
      () => database.flush(),
      () => database.suspend()
    ].map(resultOf)
  )
}
