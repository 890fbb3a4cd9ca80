import { statfs } from 'node:fs/promises'
import { Failure } from './failure.js'
import { size } from './report-lines.js'

/** The most that a store takes in addition to the file: RocksDB frees the space of cleared blocks later. */
const STORE_BYTES = 128 * 1024 * 1024

/** Tells the user before the transfer that the disk has too little space, rather than half way through it. */
export async function checkSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const needed = bytes + Math.min(bytes, STORE_BYTES)
  if (free >= needed) return
  throw new Failure(
    `not enough space in ${directory}: ${size(needed)} are needed, ${size(free)} are free; make room, or choose another directory`
  )
}
