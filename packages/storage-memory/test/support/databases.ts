import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import RocksDB from 'rocksdb-native'
import { MemoryDisk } from '../../src/index.js'
import { Session } from '../../src/session.js'

/** The methods of RocksDB that tests call. A memory database has to behave in the same way. */
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

/** A memory database with all its methods, not only those of its public type. */
export function databaseOf(disk: MemoryDisk): Session & Database {
  const database = disk.open()
  if (database instanceof Session) return database
  throw new Error('Not a session')
}

/** Runs a program on a new database of each kind, and returns both results. */
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

/** The value or the error message of an attempt, for comparison. */
export async function resultOf(attempt: () => unknown): Promise<unknown> {
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
