import { statfs } from 'node:fs/promises'
import { Failure } from './failure.js'
import { size } from './report-lines.js'

/** What a store takes beyond the file, at most: RocksDB keeps what was cleared until it next tidies up. */
const STORE_BYTES = 128 * 1024 * 1024

/** A disk that would fill up half way is found out now, while that can still be said plainly. */
export async function checkSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const needed = bytes + Math.min(bytes, STORE_BYTES)
  if (free >= needed) return
  throw new Failure(`not enough space in ${directory}: it takes ${size(needed)}, and ${size(free)} are free`)
}
