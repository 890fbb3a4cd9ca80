import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type Hypercore from 'hypercore'
import { Failure, Malformed } from './failure.js'
import { bytesInBlock, encodeManifest, type FileManifest, footerIndex } from './manifest.js'

/**
 * The layout of a file in a core:
 *
 *     block 0       the manifest: JSON with name, size and blockSize
 *     block 1 … n   the file, blockSize bytes each; the last one has the rest
 *     block n+1     the footer: the SHA-256 of the file, 32 bytes
 *
 * Hypercore proves each block against the key. The footer proves the whole file, from the sharer's disk to the
 * fetcher's.
 */
export const FOOTER_BYTES = 32

/** Blocks per append. A batch is signed once. Memory holds it twice: here, and while it is written. */
const BATCH_BLOCKS = 32

export interface ImportOptions {
  readonly signal: AbortSignal
  /** Called after each batch, with the bytes read so far. */
  readonly onprogress: (bytes: number) => void
}

/** Whether the core holds the whole file. */
export function isImported(core: Hypercore, manifest: FileManifest): boolean {
  return core.length === footerIndex(manifest) + 1
}

/** Reads the file's SHA-256 from a core. Waits for a peer that has the block when the core lacks it. */
export async function readFooter(core: Hypercore, manifest: FileManifest): Promise<Buffer> {
  const footer = await core.get(footerIndex(manifest))
  if (footer.byteLength === FOOTER_BYTES) return footer
  throw new Malformed(
    `the shared file is malformed: its checksum is ${footer.byteLength} bytes, not ${FOOTER_BYTES}; ask its sharer to share it again`
  )
}

/**
 * Appends a file to a core, a batch at a time, so that memory does not grow with the file. When the core already holds
 * the first part of the file, as after a killed import, only the rest is appended.
 *
 * @returns the file's SHA-256
 * @throws Failure when the file changes meanwhile
 */
export async function importFile(
  core: Hypercore,
  file: FileHandle,
  manifest: FileManifest,
  { signal, onprogress }: ImportOptions
): Promise<Buffer> {
  if (core.length === 0) await core.append(encodeManifest(manifest))
  // One buffer for all batches: new ones would pile up faster than the garbage collector frees them.
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
