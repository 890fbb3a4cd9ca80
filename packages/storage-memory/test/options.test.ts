import { expect, test } from 'vitest'
import { MemoryDisk } from '../src/index.js'

const refused = (message: string) =>
  expect.objectContaining({ name: 'StorageError', code: 'INVALID_OPTION', message })

test.each<[unknown, string]>([
  [{ unsynced: 1 }, "unknown option 'unsynced'; a disk takes unsyncedBytes"],
  [{ unsyncedbytes: 1 }, "unknown option 'unsyncedbytes'; a disk takes unsyncedBytes"],
  [null, 'a disk takes an object with unsyncedBytes, got null'],
  [1024, 'a disk takes an object with unsyncedBytes, got 1024'],
  [{ unsyncedBytes: 'many' }, 'unsyncedBytes must be a number of bytes from 0 on, got many'],
  [{ unsyncedBytes: '1' }, 'unsyncedBytes must be a number of bytes from 0 on, got 1']
])('a disk refuses the options %j', (options, message) => {
  expect(() => new MemoryDisk(options as object)).toThrow(refused(message))
})

test.each<[unknown, string]>([
  [{ kept: 'written' }, "unknown option 'kept'; a crash takes keep or lose"],
  [{ loose: 1 }, "unknown option 'loose'; a crash takes keep or lose"],
  [undefined, 'a crash takes an object with keep or lose, got undefined'],
  ['written', 'a crash takes an object with keep or lose, got written'],
  [{}, 'a crash takes either keep or lose'],
  [{ keep: 'written', lose: 1 }, 'a crash takes either keep or lose'],
  [{ keep: 'all' }, `keep must be 'written' or 'flushed', got "all"`],
  [{ lose: '1' }, 'lose must be a number of write batches, got 1']
])('a crash refuses %j, and loses nothing', (fault, message) => {
  const disk = new MemoryDisk()
  const storage = disk.open()
  expect(() => disk.crash(fault as { lose: number })).toThrow(refused(message))
  expect(storage.closed).toBe(false)
})
