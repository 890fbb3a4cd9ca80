import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attempt } from '../../src/commands/sim/attempt.js'
import { compare, diff } from '../../src/commands/sim/diff.js'
import { Pool } from '../../src/commands/sim/pool.js'
import { describeResult } from '../../src/commands/sim/print.js'
import type { Task } from '../../src/commands/sim/protocol.js'
import { run } from '../../src/commands/sim/run.js'
import { SEED_VARIABLE } from '../../src/simulation/options.js'

// The workers run the built package: build first.
const PROGRAM = fileURLToPath(new URL('../../bin/basestore-sim.js', import.meta.url))
const SCENARIOS = fileURLToPath(new URL('scenarios/', import.meta.url))
const never = new AbortController().signal

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'testkit-test-'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

/** Does work with one worker, or with one for each fresh run. */
async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = new Pool({ program: PROGRAM, jobs: 1, directory, signal: never })
  try {
    return await work(pool)
  } finally {
    await pool.close()
  }
}

function task(name: string, rest: Partial<Task> = {}): Task {
  return { file: join(SCENARIOS, name), ...rest }
}

async function withSeedInEnvironment<T>(seed: string, work: () => Promise<T>): Promise<T> {
  process.env[SEED_VARIABLE] = seed
  try {
    return await work()
  } finally {
    delete process.env[SEED_VARIABLE]
  }
}

describe('a run in a worker', () => {
  it('has the same trace for the same seed, another one for another, and takes one from the environment', async () => {
    const results = await withPool(async (pool) => [
      await attempt(pool, task('pair.ts', { seed: 1 })),
      await attempt(pool, task('pair.ts', { seed: 'two' })),
      await attempt(pool, task('pair.ts', { seed: 1 })),
      await withSeedInEnvironment('1', () => attempt(pool, task('pair.ts'), { fresh: true }))
    ])
    const [one, two, again, fromEnvironment] = results.map(({ report }) => report!)
    expect(again!.hash).toBe(one!.hash)
    expect(two!.hash).not.toBe(one!.hash)
    expect(fromEnvironment).toMatchObject({ seed: 1, hash: one!.hash })
  })

  it('fails when it waits for nothing, or reaches a limit', async () => {
    const [deadlock, limit] = await withPool(async (pool) => [
      await attempt(pool, task('waiting.ts')),
      await attempt(pool, task('waiting.ts', { seed: 1 }))
    ])
    expect([deadlock!.ok, limit!.ok]).toEqual([false, false])
    expect(describeResult(deadlock!)).toContain('Timed out: nothing can happen any more')
    expect(describeResult(limit!)).toMatch(
      /^FAILED {2}waiting, seed 1\n[\s\S]*\n\d\.\d{3} s: Timed out: the run reached its limit of 5000 virtual ms\n/
    )
    expect(limit!.command).toMatch(/^npx basestore-sim run \S+waiting\.ts --seed 1$/)
  })

  it('fails when it ends its process, also with 0', async () => {
    const result = await withPool((pool) => attempt(pool, task('ending.ts', { seed: 1 })))
    expect(describeResult(result)).toMatch(
      /^FAILED {2}seed 1: the run ended its process: exit code 0\n\nRepeat it: /
    )
  })

  it('names its seed when it ended its process, also when that came from the environment', async () => {
    const result = await withSeedInEnvironment('2', () =>
      withPool((pool) => attempt(pool, task('ending.ts')))
    )
    expect(describeResult(result)).toMatch(/^FAILED {2}seed 2: the run ended/)
    expect(result.command).toMatch(/ending\.ts --seed 2$/)
  })

  it('is killed when it hangs, some time after its wall limit', async () => {
    const result = await withPool((pool) => attempt(pool, task('hanging.ts')))
    expect(result).toMatchObject({
      ok: false,
      error: expect.stringMatching(/it did not end within 3\.\d s and was killed/)
    })
  })
})

describe('the command run', () => {
  const options = { seed: undefined, faults: undefined, trace: undefined, html: undefined, json: false }

  it.each([
    [{ file: 'missing.ts' }, 'there is no file missing.ts'],
    [{ trace: 'missing/trace' }, 'cannot write missing/trace: ENOENT'],
    [{ html: '.' }, 'cannot write .: it is no file']
  ])('refuses %j before it runs anything', async (wrong, message) => {
    const args = { command: 'run', file: join(SCENARIOS, 'hanging.ts'), ...options, ...wrong } as const
    await expect(run(args, PROGRAM, never)).rejects.toThrow(message)
  })
})

describe('two traces', () => {
  it('are equal, or differ at an event, or at the end of one', async () => {
    const [a, b, short] = ['a', 'b', 'short'].map((name) => join(directory, name)) as [string, string, string]
    await writeFile(a, '{"time":1}\n{"time":2}\n')
    await writeFile(b, '{"time":1}\n{"time":3}\n')
    await writeFile(short, '{"time":1}\n{"time":2}\n')
    await truncate(short, 11)
    expect(await compare(a, a)).toEqual({ isEqual: true, text: 'the traces are equal: 2 events' })
    const text = 'the traces differ at event 2:\n    {"time":1}\n  < {"time":2}\n  > {"time":3}'
    expect(await compare(a, b)).toEqual({ isEqual: false, text })
    expect((await compare(a, short)).text).toContain(`  > (end of ${short})`)
    await expect(diff([a, 'missing'])).rejects.toThrow('there is no file missing')
  })
})
