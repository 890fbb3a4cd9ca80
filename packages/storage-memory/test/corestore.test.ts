import { Readable } from 'streamx'
import { beforeAll, describe, expect, test } from 'vitest'
import { MemoryDisk } from '../src/index.js'
import { databaseOf, KINDS, type Kind, makePlace } from './support/databases.js'
import { type Findings, runProgram } from './support/program.js'
import { recorded } from './support/recorder.js'

const asked = new Set<string>()
const findings = new Map<string, Findings>()

/** Runs all programs at once: RocksDB mostly waits. */
beforeAll(async () => {
  const pairs = KINDS.flatMap((kind) => KINDS.map((other) => [kind, other] as const))
  await Promise.all(
    pairs.map(async ([kind, other]) => findings.set(`${kind} ${other}`, await run(kind, other)))
  )
})

describe('a Corestore on a memory database works as on RocksDB,', () => {
  for (const pair of ['memory memory', 'memory rocksdb', 'rocksdb memory']) {
    test(`in all of its findings: ${pair.replace(' ', ' with ')}`, () => {
      const expected = findings.get('rocksdb rocksdb')!
      expect(expected.size).toBe(25)
      expect(findings.get(pair)!.size).toBe(25)
      for (const [name, finding] of findings.get(pair)!) {
        expect({ name, finding }).toEqual({ name, finding: expected.get(name) })
      }
    })
  }
})

describe('the part of RocksDB that hypercore-storage uses', () => {
  test('is all in a memory database', () => {
    const database = databaseOf(new MemoryDisk())
    const objects: Record<string, object> = {
      session: database,
      state: database._state,
      read: database.read(),
      write: database.write()
    }
    const missing = [...asked].filter((name) => {
      const [sort, property] = name.split('.')
      return !(property! in objects[sort!]!)
    })
    expect(missing).toEqual([])
    expect(database.iterator()).toBeInstanceOf(Readable) // hypercore-storage sets its state
  })

  test('has not changed', () => {
    expect([...asked].sort()).toMatchInlineSnapshot(`
      [
        "read.get",
        "read.tryFlush",
        "session._index",
        "session._snapshot",
        "session._state",
        "session.close",
        "session.closed",
        "session.columnFamily",
        "session.compactRange",
        "session.flush",
        "session.iterator",
        "session.path",
        "session.read",
        "session.ready",
        "session.resume",
        "session.session",
        "session.snapshot",
        "session.snapshotted",
        "session.suspend",
        "session.write",
        "state.closing",
        "write.flush",
        "write.tryDelete",
        "write.tryDeleteRange",
        "write.tryPut",
      ]
    `)
  })
})

async function run(kind: Kind, other: Kind): Promise<Findings> {
  const [place, otherPlace] = await Promise.all([makePlace(kind), makePlace(other)])
  try {
    return await runProgram(
      () => (kind === 'rocksdb' ? recorded(place.open(), asked) : place.open()),
      () => otherPlace.open()
    )
  } finally {
    await Promise.all([place.remove(), otherPlace.remove()])
  }
}
