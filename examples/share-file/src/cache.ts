import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { deleteUnusedStore } from './file-store.js'
import type { SourceFile } from './source-file.js'

/**
 * The directory in the user's cache for the copy that is served: a directory for each file, and in it one for each
 * state of the file. Copies of earlier states are deleted.
 */
export async function cachedStorePath({ id, version }: SourceFile): Promise<string> {
  const copies = join(cacheDirectory(), 'share-file', id)
  for (const name of await readdir(copies).catch(() => [])) {
    if (name !== version) await deleteUnusedStore(join(copies, name))
  }
  return join(copies, version)
}

function cacheDirectory(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME
  if (process.platform === 'win32') return LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return join(homedir(), '.cache')
}
