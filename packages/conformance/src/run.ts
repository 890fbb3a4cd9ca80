import { inspect } from 'node:util'
import { checkOptions, NetworkerError, type OptionKinds } from '@basestore/networker/transport'
import type { ConformanceCase } from './case.js'
import type { CaseResult } from './case-result.js'
import { select } from './cases/index.js'
import { assertFixture, type TransportFixture } from './fixture.js'
import { runCase } from './run-case.js'
import { Uncaught } from './uncaught.js'

export interface SuiteOptions {
  /** Ids of cases, or names of groups. @default all */
  readonly only?: readonly string[]
  /**
   * How many cases run at the same time.
   * @default 1
   */
  readonly concurrency?: number
  /** Called when a case has ended. */
  readonly onresult?: (result: CaseResult) => void
}

const OPTIONS: OptionKinds<SuiteOptions> = { only: 'any', concurrency: 'any', onresult: 'function' }

export interface ConformanceReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** How long the suite took, in milliseconds. */
  readonly ms: number
  /** In the order of the cases. */
  readonly results: readonly CaseResult[]
}

/**
 * Runs the cases of the transport contract without a test runner. An uncaught error fails the cases during which it
 * was thrown.
 *
 * @throws NetworkerError `INVALID_OPTION` when the fixture has no `createNetwork()`, `only` names neither a case nor a
 * group, or `concurrency` is not a whole number of at least 1 (`Infinity` runs all at once)
 */
export async function runTransportCases(
  fixture: TransportFixture,
  options: SuiteOptions = {}
): Promise<ConformanceReport> {
  assertFixture(fixture)
  checkOptions<SuiteOptions>(options, OPTIONS, { what: 'the options of runTransportCases()' })
  const { only, concurrency = 1, onresult } = options
  const chosen = select(only)
  const workers = readConcurrency(concurrency, chosen.length)
  const results: CaseResult[] = []
  const uncaught = new Uncaught()
  const start = performance.now()
  const queue = chosen.entries()
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) {
      const result = await runBlamed(one, fixture, uncaught)
      results[index] = result
      onresult?.(result)
    }
  }
  try {
    await Promise.all(Array.from({ length: workers }, work))
  } finally {
    uncaught.end()
  }
  const count = (wanted: CaseResult['status']) => results.filter(({ status }) => status === wanted).length
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    ms: Math.round(performance.now() - start),
    results
  }
}

function readConcurrency(concurrency: number, cases: number): number {
  const workers = Math.min(concurrency, cases)
  if (Number.isInteger(workers) && workers >= 1) return workers
  throw new NetworkerError('INVALID_OPTION', `concurrency must be 1, 2, 3, ..., got ${inspect(concurrency)}`)
}

async function runBlamed(
  one: ConformanceCase,
  fixture: TransportFixture,
  uncaught: Uncaught
): Promise<CaseResult> {
  const { result, thrown } = await uncaught.during(() => runCase(one, fixture))
  if (thrown.length === 0 || result.status === 'failed') return result
  const [first] = thrown
  const error = new Error(`nobody caught this, which ends a process: ${String(first)}`, { cause: first })
  return { ...result, status: 'failed', error }
}
