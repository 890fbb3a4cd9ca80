import { runScenario } from '@basestore/testkit/simulation'
import { expect, test } from 'vitest'
import runs, { options } from './scenarios/runs.js'

/** `pnpm --filter @basestore/tests test:chaos` runs 500. */
const SEEDS = 20

test('programs that crash, quit, refuse and are cut off greet each other once, come to rest, and leave nothing', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const { ok, failures, leaks } = await runScenario({ ...options, seed }, runs)
    expect({ seed, ok, failures, leaks }).toEqual({ seed, ok: true, failures: [], leaks: [] })
  }
})
