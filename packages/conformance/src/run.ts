import { inspect } from 'node:util'
import { NetworkerError } from '@basestore/networker/transport'
import type { ConformanceCase } from './case.js'
import { select } from './cases/index.js'
import { assertFixture, type TransportFixture } from './fixture.js'
import type { CaseOutcome } from './outcome.js'
import { runCase } from './run-case.js'
import { Uncaught } from './uncaught.js'

export interface RunOptions {
  /** Ids of cases, or names of groups. @default all */
  readonly only?: readonly string[]
  /**
   * How many cases run at the same time.
   * @default 1
   */
  readonly concurrency?: number
  /** Called when a case has ended. */
  readonly onoutcome?: (outcome: CaseOutcome) => void
}

export interface ConformanceReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Milliseconds. */
  readonly ms: number
  /** In the order of the cases. */
  readonly outcomes: readonly CaseOutcome[]
}

/**
 * Runs the cases of the transport contract, without a test runner. What is thrown meanwhile and caught by nobody
 * fails the cases that were running.
 *
 * @throws Error when `only` names neither a case nor a group; NetworkerError `INVALID_OPTION` when the fixture is
 * none, or nothing could run
 */
export async function runTransportCases(
  fixture: TransportFixture,
  { only, concurrency = 1, onoutcome }: RunOptions = {}
): Promise<ConformanceReport> {
  assertFixture(fixture)
  const chosen = select(only)
  const workers = Math.min(concurrency, chosen.length)
  if (!Number.isInteger(workers) || workers < 1) {
    throw new NetworkerError(
      'INVALID_OPTION',
      `concurrency must be 1, 2, 3, ..., got ${inspect(concurrency)}`
    )
  }
  const outcomes: CaseOutcome[] = []
  const uncaught = new Uncaught()
  const start = performance.now()
  const queue = chosen.entries()
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) {
      const outcome = await runBlamed(one, fixture, uncaught)
      outcomes[index] = outcome
      onoutcome?.(outcome)
    }
  }
  try {
    await Promise.all(Array.from({ length: workers }, work))
  } finally {
    uncaught.end()
  }
  const count = (status: CaseOutcome['status']) =>
    outcomes.filter((outcome) => outcome.status === status).length
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    ms: Math.round(performance.now() - start),
    outcomes
  }
}

async function runBlamed(
  one: ConformanceCase,
  fixture: TransportFixture,
  uncaught: Uncaught
): Promise<CaseOutcome> {
  const { result, thrown } = await uncaught.during(() => runCase(one, fixture))
  if (thrown.length === 0 || result.status === 'failed') return result
  const [first] = thrown
  const error = new Error(`nobody caught this, which ends a process: ${String(first)}`, { cause: first })
  return { ...result, status: 'failed', error }
}
