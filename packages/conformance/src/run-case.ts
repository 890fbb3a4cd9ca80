import type { ConformanceCase } from './case.js'
import { CaseContext, Skip } from './context.js'
import type { TransportFixture } from './fixture.js'
import { type CaseOutcome, outcomeOf } from './outcome.js'

/** Runs one case and ends all that it made. Never rejects. */
export async function runCase(one: ConformanceCase, fixture: TransportFixture): Promise<CaseOutcome> {
  const context = new CaseContext(fixture, one)
  const start = performance.now()
  const ms = () => Math.round(performance.now() - start)
  try {
    await context.bound.guard(one.run(context))
    return outcomeOf(one, { status: 'passed', ms: ms() })
  } catch (thrown) {
    if (thrown instanceof Skip) return outcomeOf(one, { status: 'skipped', ms: ms(), reason: thrown.message })
    const error = thrown instanceof Error ? thrown : new Error(`rejected with ${String(thrown)}`)
    return outcomeOf(one, { status: 'failed', ms: ms(), error })
  } finally {
    await context.tearDown()
  }
}
