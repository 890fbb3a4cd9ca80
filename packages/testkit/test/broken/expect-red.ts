import { expect } from 'vitest'
import { cases } from '../../src/conformance/cases/index.js'
import { runTransportCases, type TransportFixture } from '../../src/index.js'

/**
 * Runs all cases against a broken transport, and expects exactly these to fail. Those that are expected to fail may
 * each take their whole bound, so they wait at the same time; the others do not wait, so few at a time are fastest.
 */
export async function expectRed(fixture: TransportFixture, red: readonly string[]): Promise<void> {
  const green = cases.map(({ id }) => id).filter((id) => !red.includes(id))
  const reports = [
    await runTransportCases(fixture, { only: green, concurrency: 4 }),
    await runTransportCases(fixture, { only: red, concurrency: red.length })
  ]
  const outcomes = reports.flatMap((report) => report.outcomes)
  const failed = outcomes.filter(({ status }) => status === 'failed').map(({ id }) => id)
  expect(failed.sort()).toEqual([...red].sort())
}
