export { type Crash, type MemoryDatabase, MemoryDisk, type MemoryDiskOptions } from './disk.js'
