import type { ConformanceCase } from './case.js'
import { cases } from './cases/index.js'
import { DEFAULT_TIMEOUT } from './context.js'
import { assertFixture, type TransportFixture } from './fixture.js'
import { explain } from './outcome.js'
import { runCase } from './run-case.js'

/** The two functions that test runners have in common. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  /** Vitest and Jest take a timeout in milliseconds; the others ignore it. */
  it(name: string, body: (this: unknown, ...args: unknown[]) => Promise<void>, timeout: number): unknown
}

/** What a runner gives a test: Vitest and `node:test` as its argument, Mocha as `this`. */
interface TestContext {
  skip?(reason?: string): unknown
  timeout?(ms: number): unknown
  /** Mocha's, which prints no reason but the title. */
  test?: { title: string }
}

/** Of the case's bound, what the runner allows: tearing down takes time too, and the case explains itself better. */
const RUNNER_ALLOWS = 3

/**
 * Registers the cases of the transport contract with a test runner.
 *
 * ```ts
 * describeTransport({ describe, it }, fixture)
 * ```
 *
 * @param runner `describe` and `it` of Vitest, `node:test`, Mocha or Jest
 * @throws NetworkerError `INVALID_OPTION` when the fixture is none
 */
export function describeTransport({ describe, it }: Runner, fixture: TransportFixture): void {
  assertFixture(fixture)
  const timeout = (fixture.timeout ?? DEFAULT_TIMEOUT) * RUNNER_ALLOWS
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
  // No named argument: Mocha would wait for it to be called.
  return async function run(this: unknown, ...args: unknown[]): Promise<void> {
    const context = [this, ...args].find(isTestContext)
    context?.timeout?.(timeout)
    const outcome = await runCase(one, fixture)
    if (outcome.status === 'failed') throw new Error(explain(outcome), { cause: outcome.error })
    if (outcome.status === 'skipped') skip(context, `${outcome.reason}`)
  }
}

function skip(context: TestContext | undefined, reason: string): void {
  if (!context) {
    console.log(`skipped: ${reason}`) // Jest cannot skip a test that runs
    return
  }
  if (context.test) context.test.title += ` (skipped: ${reason})`
  context.skip!(reason)
}

function isTestContext(value: unknown): value is TestContext {
  return typeof (value as TestContext | undefined)?.skip === 'function'
}
