import { rm } from 'node:fs/promises'
import Corestore from 'corestore'
import Hypercore from 'hypercore'
import { codeOf, Failure, fileFailure } from './failure.js'

/**
 * Bytes that RocksDB collects in memory before it writes a table; it fills two such buffers at a time. Its default of
 * 64 MiB takes 150 MiB more memory, and gains nothing here: blocks are large, and each is written once.
 */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024

/** @throws Failure when the store cannot be opened, with the reason in one line */
export async function openStore(path: string): Promise<Corestore> {
  const store = new Corestore(Hypercore.defaultStorage(path, { writeBufferSize: WRITE_BUFFER_BYTES }))
  try {
    await store.ready()
    return store
  } catch (error) {
    await store.close().catch(() => {})
    if (isLocked(error))
      throw new Failure(`another share-file is using ${path}; stop it first`, { cause: error })
    throw fileFailure('cannot keep data in', path, error)
  }
}

/** Opens a store that may be replaced: one that an earlier run left half made is deleted and made again. */
export async function openDisposableStore(path: string): Promise<Corestore> {
  try {
    return await openStore(path)
  } catch (error) {
    if (!(error instanceof Failure) || codeOf(error.cause) !== 'DEVICE_FILE') throw error
    await rm(path, { recursive: true, force: true })
    return await openStore(path)
  }
}

/** Deletes a store, unless a process is using it. */
export async function deleteUnusedStore(path: string): Promise<void> {
  try {
    const store = await openStore(path)
    await store.close()
  } catch (error) {
    if (error instanceof Failure && isLocked(error.cause)) return
  }
  await rm(path, { recursive: true, force: true })
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes('could not be locked')
}
