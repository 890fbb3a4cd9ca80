import { MemoryDisk, type MemoryStorage } from './disk.js'

/**
 * A new, empty storage in memory, for one Corestore or one Hypercore. Its content is gone once nothing refers to it.
 * To open the same content again, or to simulate a crash, make a {@link MemoryDisk}.
 *
 * @example
 * const store = new Corestore(memoryStorage())
 * const core = new Hypercore(memoryStorage())
 */
export function memoryStorage(): MemoryStorage {
  // Nothing can crash it, so nothing is kept for a crash.
  return new MemoryDisk({ unsyncedBytes: 0 }).open()
}
