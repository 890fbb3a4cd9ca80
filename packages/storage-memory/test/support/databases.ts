import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import RocksDB from 'rocksdb-native'
import { MemoryDisk } from '../../src/index.js'
import { Session } from '../../src/session.js'

/** What a test may do with a RocksDB. A memory database has to do it alike. */
export type Database = Omit<RocksDB, 'session' | 'columnFamily' | 'snapshot'> & {
  session(options?: { columnFamily?: string; snapshot?: boolean }): Database
  columnFamily(name: string): Database
  snapshot(): Database
}

/** A place to open databases on, one after the other. */
export interface Place {
  open(): Database
  remove(): Promise<void>
}

export const KINDS = ['rocksdb', 'memory'] as const

export type Kind = (typeof KINDS)[number]

export async function makePlace(kind: Kind): Promise<Place> {
  if (kind === 'memory') {
    const disk = new MemoryDisk()
    return { open: () => databaseOf(disk), remove: async () => disk.wipe() }
  }
  const path = await mkdtemp(join(tmpdir(), 'storage-memory-'))
  return {
    open: () => new RocksDB(join(path, 'db')),
    remove: () => rm(path, { recursive: true, force: true })
  }
}

/** All that a memory database has, not only what its public type tells. */
export function databaseOf(disk: MemoryDisk): Session & Database {
  const database = disk.open()
  if (database instanceof Session) return database
  throw new Error('Not a session')
}

/** What a program returns on a new database of either kind. */
export async function onBoth<T>(
  program: (database: Database, place: Place) => Promise<T>
): Promise<Record<Kind, T>> {
  return { rocksdb: await on('rocksdb', program), memory: await on('memory', program) }
}

async function on<T>(kind: Kind, program: (database: Database, place: Place) => Promise<T>): Promise<T> {
  const place = await makePlace(kind)
  const database = place.open()
  try {
    return await program(database, place)
  } finally {
    await database.close({ force: true })
    await place.remove()
  }
}

/** The result of something that may reject or throw, for comparison. */
export async function outcome(attempt: () => unknown): Promise<unknown> {
  try {
    return { value: await attempt() }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
