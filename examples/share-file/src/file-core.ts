import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type Hypercore from 'hypercore'
import { Failure, Malformed } from './failure.js'
import { bytesInBlock, encodeManifest, type FileManifest, footerIndex } from './manifest.js'

/**
 * How a file lies in a core:
 *
 *     block 0       the manifest: JSON with name, size and blockSize
 *     block 1 … n   the file, blockSize bytes each, the last one what is left
 *     block n+1     the footer: the SHA-256 of the file, 32 bytes
 *
 * Hypercore proves each block against the key. The footer proves the whole, from the sharer's disk to the
 * fetcher's, whatever happens in between.
 */
export const FOOTER_BYTES = 32

/** Blocks per append. A batch is signed once, and held in memory twice: here, and as it is written. */
const BATCH_BLOCKS = 32

export interface ImportOptions {
  readonly signal: AbortSignal
  /** Called with the bytes read so far. */
  readonly onprogress: (bytes: number) => void
}

/** Whether the core holds the file to its last block. */
export function isImported(core: Hypercore, manifest: FileManifest): boolean {
  return core.length === footerIndex(manifest) + 1
}

/** The SHA-256 of the file in a core that holds it, or whose peers do. */
export async function readFooter(core: Hypercore, manifest: FileManifest): Promise<Buffer> {
  const footer = await core.get(footerIndex(manifest))
  if (footer.byteLength === FOOTER_BYTES) return footer
  throw new Malformed(
    `the shared file is malformed: its checksum is ${footer.byteLength} bytes, not ${FOOTER_BYTES}`
  )
}

/**
 * Appends a file to a core, a batch at a time, so that memory does not grow with the file. A core that holds
 * the first part of the same file, as when an import was killed, is carried on with.
 *
 * @throws Failure when the file changes meanwhile
 */
export async function importFile(
  core: Hypercore,
  file: FileHandle,
  manifest: FileManifest,
  { signal, onprogress }: ImportOptions
): Promise<Buffer> {
  if (core.length === 0) await core.append(encodeManifest(manifest))
  // One for all batches: what is left to the garbage collector piles up faster than it comes.
  const buffer = Buffer.allocUnsafeSlow(BATCH_BLOCKS * manifest.blockSize)
  const hash = createHash('sha256')
  const footer = footerIndex(manifest)
  for (let index = 1; index < footer; index += BATCH_BLOCKS) {
    signal.throwIfAborted()
    const end = Math.min(index + BATCH_BLOCKS, footer)
    const bytes = await readBatch(file, buffer, manifest, { start: index, end })
    hash.update(bytes)
    const blocks = split(bytes, manifest.blockSize)
    const missing = blocks.slice(Math.max(0, core.length - index))
    if (missing.length > 0) await core.append(missing)
    onprogress((index - 1) * manifest.blockSize + bytes.byteLength)
  }
  const { size } = await file.stat()
  if (size !== manifest.size) throw changed(manifest.size, size)
  const checksum = hash.digest()
  await core.append(checksum)
  return checksum
}

async function readBatch(
  file: FileHandle,
  buffer: Buffer,
  manifest: FileManifest,
  { start, end }: { start: number; end: number }
): Promise<Buffer> {
  const position = (start - 1) * manifest.blockSize
  const length = (end - start - 1) * manifest.blockSize + bytesInBlock(manifest, end - 1)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read)
    if (bytesRead === 0) throw changed(manifest.size, position + read)
    read += bytesRead
  }
  return buffer.subarray(0, length)
}

function split(bytes: Buffer, size: number): Buffer[] {
  const blocks: Buffer[] = []
  for (let start = 0; start < bytes.byteLength; start += size)
    blocks.push(bytes.subarray(start, start + size))
  return blocks
}

function changed(before: number, now: number): Failure {
  return new Failure(
    `the file changed while it was read: it had ${before} bytes, now it has ${now}; share it again`
  )
}
