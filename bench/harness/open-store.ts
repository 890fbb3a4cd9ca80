import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import Corestore from 'corestore'

/** Opens a Corestore in a new folder of a directory. */
export async function openStore(directory: string, name: string): Promise<Corestore> {
  const store = new Corestore(await newFolder(directory, name))
  await store.ready()
  return store
}

/** Makes a folder for a store in a directory. @returns its path */
export function newFolder(directory: string, name: string): Promise<string> {
  return mkdtemp(join(directory, `${name}-`))
}
