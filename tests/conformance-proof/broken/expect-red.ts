import { type CaseResult, cases, runTransportCases, type TransportFixture } from '@basestore/conformance'
import { expect } from 'vitest'
import type { BrokenTransport } from './turns-red.js'

/** Time limit of a case that is to fail (ms). A case takes a few; most that fail wait for something that never comes. */
const RED_TIMEOUT = 500
/** Cases that are to pass wait for nothing, so more of them at a time would only wait for each other. */
const GREEN_CONCURRENCY = 2

/** Runs the chosen cases against a broken transport, and expects exactly its red ones to fail. */
export async function expectRed(broken: BrokenTransport, chosen: readonly string[]): Promise<void> {
  const { red, hangs } = broken
  const green = chosen.filter((id) => !red.includes(id))
  const results = [
    ...(await run(broken, green, hangs ? green.length : GREEN_CONCURRENCY)),
    ...(await run({ ...broken, timeout: RED_TIMEOUT }, red, red.length))
  ]
  const failed = results.filter(({ status }) => status === 'failed').map(({ id }) => id)
  expect(failed.sort()).toEqual([...red].sort())
}

/**
 * The red cases of a broken transport, and some others that have to pass: one of each group that has red ones, and one
 * of all cases.
 *
 * @param index the number of the broken transport; each transport gets other cases
 */
export function shortProof({ red }: BrokenTransport, index: number): string[] {
  const groups = new Set(red.map((id) => id.split('.')[0]))
  const greens = cases.filter(({ id }) => !red.includes(id))
  const near = [...groups].flatMap((name) => {
    const ids = greens.filter(({ group }) => group === name).map(({ id }) => id)
    return ids.length > 0 ? ids[index % ids.length]! : []
  })
  return [...new Set([...red, ...near, greens[index % greens.length]!.id])]
}

async function run(
  fixture: TransportFixture,
  only: readonly string[],
  concurrency: number
): Promise<readonly CaseResult[]> {
  const { results } = await runTransportCases(fixture, { only, concurrency })
  return results
}
