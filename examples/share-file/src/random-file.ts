import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** Bytes that are made and written at a time. */
const CHUNK_BYTES = 1024 * 1024

/** Makes a file of random bytes. Fails when there is one of that name. */
export async function writeRandomFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx')
  const chunk = Buffer.allocUnsafe(Math.min(bytes, CHUNK_BYTES))
  try {
    for (let left = bytes; left > 0; left -= chunk.byteLength) {
      await file.write(randomFillSync(chunk), 0, Math.min(left, chunk.byteLength))
    }
  } finally {
    await file.close()
  }
}

/** The SHA-256 of a file, in hex. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
