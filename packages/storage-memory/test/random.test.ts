import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collect, type Database, KINDS, type Kind, makePlace } from './support/databases.js'

const SEED = 20_260_701
const RUNS = 16
const STEPS = 250

/** A few keys only, so that operations hit the same ones: with no bits, all bits, letters, and prefixes of each other. */
const key = fc
  .array(fc.constantFrom(0, 1, 97, 98, 127, 128, 254, 255), { minLength: 1, maxLength: 3 })
  .map((bytes) => Buffer.from(bytes))
const value = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes))
const bounds = fc.record(
  {
    lower: fc.tuple(fc.constantFrom('gt', 'gte'), key),
    upper: fc.tuple(fc.constantFrom('lt', 'lte'), key),
    reverse: fc.boolean(),
    limit: fc.integer({ min: -1, max: 20 })
  },
  { requiredKeys: [] }
)
const range = fc
  .tuple(key, key)
  .map(([a, b]) => (Buffer.compare(a, b) <= 0 ? ([a, b] as const) : ([b, a] as const)))

const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: key, value }) },
  { weight: 2, arbitrary: fc.record({ del: key }) },
  { weight: 1, arbitrary: fc.record({ clear: range }) }
)

/** The index of a session among those that exist at that step: column families, their sessions and snapshots. */
const at = fc.nat({ max: 50 })
const step = fc.oneof(
  { weight: 30, arbitrary: fc.record({ at, writes: fc.array(write, { maxLength: 10 }) }) },
  { weight: 20, arbitrary: fc.record({ at, gets: fc.array(key, { maxLength: 5 }) }) },
  { weight: 20, arbitrary: fc.record({ at, bounds }) },
  { weight: 10, arbitrary: fc.record({ at, snapshot: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ at, leave: fc.constant(true) }) },
  { weight: 5, arbitrary: fc.record({ at, iterate: bounds }) },
  { weight: 5, arbitrary: fc.record({ at, drain: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ reopen: fc.constant(true) }) }
)

type Write = typeof write extends fc.Arbitrary<infer T> ? T : never
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Bounds = typeof bounds extends fc.Arbitrary<infer T> ? T : never

test(`${RUNS * STEPS} random operations have the same results in both`, async () => {
  let steps = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' }), async (program) => {
      steps += program.length
      const [rocksdb, memory] = await Promise.all(KINDS.map((kind) => run(kind, program)))
      expect(memory).toEqual(rocksdb)
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true }
  )
  expect(steps).toBe(RUNS * STEPS)
})

/** Returns a line for each result, so that a difference is easy to find. */
async function run(kind: Kind, program: readonly Step[]): Promise<string[]> {
  const place = await makePlace(kind)
  let database = place.open()
  let sessions = familiesOf(database)
  let iterators: AsyncIterator<unknown>[] = []
  const lines: string[] = []
  try {
    for (const [i, step] of program.entries()) {
      const note = (result: unknown): number => lines.push(`${i}: ${text(step)} gives ${text(result)}`)
      if ('reopen' in step) {
        for (const iterator of iterators) note(await drain(iterator))
        await database.close({ force: true })
        database = place.open()
        sessions = familiesOf(database)
        iterators = []
        continue
      }
      const session = sessions[step.at % sessions.length]!
      if ('writes' in step) await writeAll(session, step.writes)
      else if ('gets' in step) note(await getAll(session, step.gets))
      else if ('bounds' in step) note(await collect(session.iterator(rangeOf(step.bounds))))
      else if ('snapshot' in step) sessions.push(session.session({ snapshot: step.snapshot }))
      else if ('leave' in step) await leave(sessions, session)
      else if ('iterate' in step) iterators.push(await begin(session, step.iterate))
      else if (iterators.length > 0) note(await drain(iterators.splice(step.at % iterators.length, 1)[0]!))
    }
    for (const iterator of iterators) lines.push(`at the end ${text(await drain(iterator))}`)
    for (const session of sessions) lines.push(`at the end ${text(await collect(session.iterator()))}`)
    return lines
  } finally {
    await database.close({ force: true })
    await place.remove()
  }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, item) => (isBuffer(item) ? Buffer.from(item.data).toString('hex') : item))
}

/** Whether an item is a buffer after JSON has converted it. */
function isBuffer(item: unknown): item is { data: number[] } {
  return typeof item === 'object' && item !== null && 'type' in item && item.type === 'Buffer'
}

function familiesOf(database: Database): Database[] {
  return [database.columnFamily('corestore'), database.columnFamily('other'), database.session()]
}

async function writeAll(session: Database, writes: readonly Write[]): Promise<void> {
  const batch = session.write({ autoDestroy: true })
  for (const write of writes) {
    if ('put' in write) batch.tryPut(write.put, write.value)
    else if ('del' in write) batch.tryDelete(write.del)
    else batch.tryDeleteRange(...write.clear)
  }
  await batch.flush()
}

function getAll(session: Database, keys: readonly Buffer[]): Promise<unknown[]> {
  const batch = session.read({ autoDestroy: true })
  const values = keys.map((key) => batch.get(key))
  batch.tryFlush()
  return Promise.all(values)
}

/** Closes a session. The column families stay, so that a program always has something to work on. */
async function leave(sessions: Database[], session: Database): Promise<void> {
  const index = sessions.indexOf(session)
  if (index < 3) return
  sessions.splice(index, 1)
  await session.close()
}

/** Begins an iteration. Reading the first entry fixes the content that it iterates over. */
async function begin(session: Database, bounds: Bounds): Promise<AsyncIterator<unknown>> {
  const iterator = session.iterator(rangeOf(bounds))[Symbol.asyncIterator]()
  const first = await iterator.next()
  return collected(first, iterator)
}

async function* collected(
  first: IteratorResult<unknown>,
  rest: AsyncIterator<unknown>
): AsyncGenerator<unknown> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value
}

async function drain(iterator: AsyncIterator<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    all.push(next.value)
  return all
}

function rangeOf({ lower, upper, ...rest }: Bounds): object {
  return { ...(lower && { [lower[0]]: lower[1] }), ...(upper && { [upper[0]]: upper[1] }), ...rest }
}
