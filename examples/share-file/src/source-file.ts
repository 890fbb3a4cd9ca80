import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { Failure, fileFailure } from './failure.js'
import { deleteUnusedStore } from './file-store.js'
import { BLOCK_SIZE, type FileManifest } from './manifest.js'

/** The file to share, open for reading. */
export interface SourceFile {
  readonly path: string
  readonly handle: FileHandle
  readonly manifest: FileManifest
  /** Names this state of this file: sharing it again unchanged finds the same core, and with it the same key. */
  readonly version: string
}

/** @throws Failure when there is no such file, or it is no file */
export async function openSourceFile(given: string): Promise<SourceFile> {
  let handle: FileHandle | undefined
  try {
    const path = await realpath(given)
    handle = await open(path, 'r')
    const stat = await handle.stat({ bigint: true })
    if (stat.isDirectory())
      throw new Failure(`cannot share ${given}: is a directory; pack it into one file first`)
    if (!stat.isFile()) throw new Failure(`cannot share ${given}: is not a regular file`)
    const manifest = {
      version: 1,
      name: basename(path),
      size: Number(stat.size),
      blockSize: BLOCK_SIZE
    } as const
    return { path, handle, manifest, version: `${short(path)}-${stateOf(stat)}` }
  } catch (error) {
    await handle?.close()
    throw fileFailure('cannot share', given, error)
  }
}

/** Whether the file is still what it was when it was opened. */
export async function isUnchanged({ path, handle, version }: SourceFile): Promise<boolean> {
  return version === `${short(path)}-${stateOf(await handle.stat({ bigint: true }))}`
}

/**
 * Where the copy that is served lies unless the user says otherwise: one directory for each file, in it one for
 * each state of the file. Stores of earlier states are deleted.
 */
export async function cachedStorePath({ path, version }: SourceFile): Promise<string> {
  const shelf = join(cacheDirectory(), 'share-file', short(path))
  for (const name of await readdir(shelf).catch(() => [])) {
    if (name !== version) await deleteUnusedStore(join(shelf, name))
  }
  return join(shelf, version)
}

function stateOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs.toString(36)}-${ino.toString(36)}`
}

function short(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}

function cacheDirectory(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME
  if (process.platform === 'win32') return LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return join(homedir(), '.cache')
}
