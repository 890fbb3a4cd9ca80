import { type CaseOutcome, cases, runTransportCases, type TransportFixture } from '@basestore/conformance'
import { expect } from 'vitest'
import type { BrokenTransport } from './turns-red.js'

/** Milliseconds. A case takes a few; one that is to fail may wait for something that never comes. */
const RED_TIMEOUT = 500
/** Of cases that wait for nothing, more at a time would only wait for each other. */
const GREEN_CONCURRENCY = 2

/** Runs cases against a broken transport, those that it is to turn red among them, and expects no others to fail. */
export async function expectRed(broken: BrokenTransport, chosen: readonly string[]): Promise<void> {
  const { red, hangs } = broken
  const green = chosen.filter((id) => !red.includes(id))
  const outcomes = [
    ...(await run(broken, green, hangs ? green.length : GREEN_CONCURRENCY)),
    ...(await run({ ...broken, timeout: RED_TIMEOUT }, red, red.length))
  ]
  const failed = outcomes.filter(({ status }) => status === 'failed').map(({ id }) => id)
  expect(failed.sort()).toEqual([...red].sort())
}

/**
 * The cases of the groups in which a broken transport turns some red, and one of each other group: another one for
 * each transport.
 */
export function nearby({ red }: BrokenTransport, index: number): string[] {
  return [...new Set(cases.map(({ group }) => group))].flatMap((name) => {
    const ids = cases.filter(({ group }) => group === name).map(({ id }) => id)
    return ids.some((id) => red.includes(id)) ? ids : ids[index % ids.length]!
  })
}

async function run(
  fixture: TransportFixture,
  only: readonly string[],
  concurrency: number
): Promise<readonly CaseOutcome[]> {
  const { outcomes } = await runTransportCases(fixture, { only, concurrency })
  return outcomes
}
