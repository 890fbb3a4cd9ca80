import Corestore from 'corestore'
import Hypercore from 'hypercore'
import { describe, expect, test } from 'vitest'
import { MemoryDisk, memoryStorage } from '../src/index.js'
import { replicating, storeOn } from './support/cores.js'
import { resultOf } from './support/databases.js'

interface Core {
  append(block: string): Promise<unknown>
  get(index: number): Promise<Buffer>
  ready(): Promise<void>
  readonly length: number
  close(): Promise<void>
}
const { Core } = { Core: Hypercore as unknown as new (...args: unknown[]) => Core }

describe('memoryStorage()', () => {
  test('is a storage for a Corestore', async () => {
    const store = new Corestore(memoryStorage())
    const core = store.get({ name: 'log' })
    await core.append('hello')
    expect(String(await core.get(0))).toBe('hello')
    await store.close()
  })

  test.each([
    ['as the only argument', () => new Core(memoryStorage())],
    ['with options', () => new Core(memoryStorage(), { valueEncoding: 'binary' })],
    ['with a key and options', () => new Core(memoryStorage(), null, {})],
    ['as an option', () => new Core({ storage: memoryStorage() })]
  ])('is a storage for a Hypercore, %s', async (_, make) => {
    const core = make()
    await core.append('hello')
    expect(String(await core.get(0))).toBe('hello')
    await core.close()
  })

  test('is empty and its own each time', async () => {
    const [one, other] = [new Core(memoryStorage()), new Core(memoryStorage())]
    await one.append('hello')
    await other.ready()
    expect(other.length).toBe(0)
    await Promise.all([one.close(), other.close()])
  })

  test('is closed with its Hypercore', async () => {
    const storage = memoryStorage()
    const core = new Core(storage)
    await core.append('hello')
    await core.close()
    expect(storage.closed).toBe(true)
  })

  test('replicates with a storage on a disk that may crash', async () => {
    const [store, other] = [storeOn(memoryStorage(), 1), storeOn(new MemoryDisk().open(), 2)]
    const core = store.get({ name: 'log' })
    await core.append(['one', 'two'])
    const copy = other.get({ key: core.key })
    await copy.ready()
    await replicating(store, other, async () => {
      await copy.download({ start: 0, end: 2 }).done()
      expect(String(await copy.get(1))).toBe('two')
    })
    await Promise.all([store.close(), other.close()])
  })
})

test('a Hypercore on a disk is there again after a crash', async () => {
  const disk = new MemoryDisk()
  const core = new Core(disk.open())
  await core.append('hello')
  disk.crash({ keep: 'written' })
  await core.close()
  const again = new Core(disk.open())
  await again.ready()
  expect([again.length, String(await again.get(0))]).toEqual([1, 'hello'])
  await again.close()
})

test('on a disk where every write is durable at once, a crash loses nothing', async () => {
  const disk = new MemoryDisk({ unsyncedBytes: 0 })
  const core = new Core(disk.open())
  await core.append('hello')
  expect(disk.unsyncedBatches).toBe(0)
  disk.crash({ keep: 'flushed' })
  await core.close()
  const again = new Core(disk.open())
  await again.ready()
  expect(again.length).toBe(1)
  await again.close()
  disk.wipe()
  expect(disk.durableBytes).toBe(0)
})

test.each([
  [
    'CLOSED',
    async () =>
      closed()
        .ready()
        .then(() => closed().flush())
  ],
  [
    'DISK_IN_USE',
    () => {
      const disk = new MemoryDisk()
      disk.open()
      disk.open()
    }
  ],
  ['INVALID_OPTION', () => new MemoryDisk({ unsyncedBytes: -1 })],
  ['INVALID_OPTION', () => new MemoryDisk().crash({ lose: 0.5 })],
  ['INVALID_OPTION', () => new MemoryDisk().crash({ keep: 'wiped' as 'written' })]
])('an error has a code, such as %s', async (code, attempt) => {
  expect(await resultOf(attempt)).toEqual({ error: expect.any(String) })
  const error = await (async () => attempt())().catch((error: unknown) => error)
  expect(error).toMatchObject({ name: 'StorageError', code })
})

function closed() {
  const disk = new MemoryDisk()
  const storage = disk.open()
  disk.crash({ keep: 'written' })
  return storage
}
