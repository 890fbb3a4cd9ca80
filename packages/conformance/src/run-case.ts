import type { ConformanceCase } from './case.js'
import { type CaseResult, resultOf } from './case-result.js'
import { CaseContext } from './context.js'
import type { TransportFixture } from './fixture.js'
import { Skip } from './need.js'

/** Runs one case, then ends everything that it made. Never rejects. */
export async function runCase(one: ConformanceCase, fixture: TransportFixture): Promise<CaseResult> {
  const context = new CaseContext(fixture, one.needs)
  const start = performance.now()
  const ms = () => Math.round(performance.now() - start)
  try {
    await context.bound.guard(one.run(context))
    return resultOf(one, { status: 'passed', ms: ms() })
  } catch (thrown) {
    if (thrown instanceof Skip) return resultOf(one, { status: 'skipped', ms: ms(), reason: thrown.message })
    const error = thrown instanceof Error ? thrown : new Error(`rejected with ${String(thrown)}`)
    return resultOf(one, { status: 'failed', ms: ms(), error })
  } finally {
    await context.tearDown()
  }
}
