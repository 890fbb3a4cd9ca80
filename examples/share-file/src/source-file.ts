import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import { Failure, fileFailure } from './failure.js'
import { BLOCK_SIZE, type FileManifest } from './manifest.js'

/** Of a hash in hex: enough to tell the files of one user apart. */
const ID_LETTERS = 16

/** The file to share, open for reading. */
export interface SourceFile {
  readonly path: string
  readonly handle: FileHandle
  readonly manifest: FileManifest
  /** The same for every state of the file. */
  readonly id: string
  /** The name of this state of the file. An unchanged file keeps it, and with it its core and its key. */
  readonly version: string
}

/** @throws Failure when the path does not lead to a regular file */
export async function openSourceFile(given: string): Promise<SourceFile> {
  let handle: FileHandle | undefined
  try {
    const path = await realpath(given)
    handle = await open(path, 'r')
    const stat = await handle.stat({ bigint: true })
    if (stat.isDirectory())
      throw new Failure(`cannot share ${given}: is a directory; pack it into one file first`)
    if (!stat.isFile())
      throw new Failure(`cannot share ${given}: is not a regular file; copy it into one first`)
    const manifest = {
      version: 1,
      name: basename(path),
      size: Number(stat.size),
      blockSize: BLOCK_SIZE
    } as const
    const id = idOf(path)
    return { path, handle, manifest, id, version: versionOf(id, stat) }
  } catch (error) {
    await handle?.close()
    throw fileFailure('cannot share', given, error)
  }
}

/** Whether the file is as it was when we opened it. */
export async function isUnchanged({ id, handle, version }: SourceFile): Promise<boolean> {
  return version === versionOf(id, await handle.stat({ bigint: true }))
}

function idOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, ID_LETTERS)
}

function versionOf(id: string, { size, mtimeNs, ino }: BigIntStats): string {
  return `${id}-${size}-${mtimeNs.toString(36)}-${ino.toString(36)}`
}
