import type { ConformanceCase } from './case.js'
import { explain } from './case-result.js'
import { cases } from './cases/index.js'
import { DEFAULT_TIMEOUT } from './context.js'
import { assertFixture, type TransportFixture } from './fixture.js'
import { runCase } from './run-case.js'

/** The two functions that all test runners have. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  /** @param timeout in milliseconds; Vitest and Jest use it, others ignore it */
  it(name: string, body: (this: unknown, ...args: unknown[]) => Promise<void>, timeout: number): unknown
}

/** What a runner gives a test. Vitest and `node:test` pass it as an argument, Mocha as `this`. */
interface TestContext {
  skip?(reason?: string): unknown
  timeout?(ms: number): unknown
  /** Mocha's. Mocha prints no reason of a skip, so the title has to say it. */
  test?: { title: string }
}

/** The runner's time limit, in time limits of a case. A case explains itself better, so it has to end first. */
const RUNNER_TIMEOUT = 3

/**
 * Registers the cases of the transport contract with a test runner.
 *
 * ```ts
 * describeTransport({ describe, it }, fixture)
 * ```
 *
 * @param runner `describe` and `it` of Vitest, `node:test`, Mocha or Jest
 * @throws NetworkerError `INVALID_OPTION` when the fixture has no `createNetwork()`
 */
export function describeTransport({ describe, it }: Runner, fixture: TransportFixture): void {
  assertFixture(fixture)
  const timeout = (fixture.timeout ?? DEFAULT_TIMEOUT) * RUNNER_TIMEOUT
  const groups = new Set(cases.map(({ group }) => group))
  describe(fixture.name ? `transport contract: ${fixture.name}` : 'transport contract', () => {
    for (const name of groups) {
      describe(name, () => {
        for (const one of cases) {
          if (one.group === name) it(`${one.id}: ${one.promise}`, testOf(one, fixture, timeout), timeout)
        }
      })
    }
  })
}

function testOf(one: ConformanceCase, fixture: TransportFixture, timeout: number) {
  // No named parameter: Mocha would take it for a callback, and wait for its call.
  return async function run(this: unknown, ...args: unknown[]): Promise<void> {
    const context = [this, ...args].find(isTestContext)
    context?.timeout?.(timeout)
    const result = await runCase(one, fixture)
    if (result.status === 'failed') throw new Error(explain(result), { cause: result.error })
    if (result.status === 'skipped') skip(context, `${result.reason}`)
  }
}

function skip(context: TestContext | undefined, reason: string): void {
  if (!context) {
    console.log(`skipped: ${reason}`) // Jest cannot skip a test that has begun
    return
  }
  if (context.test) context.test.title += ` (skipped: ${reason})`
  context.skip!(reason)
}

function isTestContext(value: unknown): value is TestContext {
  return typeof (value as TestContext | undefined)?.skip === 'function'
}
