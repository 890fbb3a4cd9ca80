export { type DiskCrashFault, MemoryDisk, type MemoryDiskOptions, type MemoryStorage } from './disk.js'
export { StorageError, type StorageErrorCode } from './errors.js'
export { memoryStorage } from './memory-storage.js'
