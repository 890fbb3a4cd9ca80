import { expect, it } from 'vitest'
import type { RunResult } from '../../src/commands/sim/attempt.js'
import { minimise } from '../../src/commands/sim/minimise.js'
import type { Pool } from '../../src/commands/sim/pool.js'
import type { Task } from '../../src/commands/sim/protocol.js'
import type { SimulationReport } from '../../src/simulation/report.js'
import { report } from '../picture/reports.js'

const FAULTS = [1, 2, 3, 4].map((id) => ({ id, time: id, duration: 0, kind: 'resets', who: ['a', 'b'] }))
const NEVER_SEEN = { time: 0, message: 'sometimes: a reset: it never was so' }

/** Minimises a failure. @param left what a run with these faults leaves in its report */
async function minimised(left: (faults: readonly number[]) => Partial<SimulationReport>) {
  const runWith = (faults = FAULTS.map(({ id }) => id)) => {
    const { failures = [], leaks = [] } = left(faults)
    const ok = failures.length + leaks.length === 0
    return report({ ok, failures, leaks, faults: FAULTS })
  }
  const pool = { run: async ({ faults }: Task) => runWith(faults && [...faults]) } as unknown as Pool
  const failure: RunResult = { ok: false, seed: 1, report: runWith(), command: '' }
  return minimise(pool, 'a.ts', failure, () => {})
}

it('finds the faults that leave something behind, whatever check fails without the others', async () => {
  const { faults } = await minimised((faults) => ({
    leaks: faults.includes(3) ? ['a timer'] : [],
    failures: faults.includes(1) ? [] : [NEVER_SEEN]
  }))
  expect(faults).toEqual([3])
})

it('finds the faults that cause the failure, and not those that a sometimes check needs', async () => {
  const { faults } = await minimised((faults) => ({
    failures: [
      ...(faults.includes(2) ? [{ time: 1, message: 'lost' }] : []),
      ...(faults.includes(1) ? [] : [NEVER_SEEN])
    ]
  }))
  expect(faults).toEqual([2])
})

it('needs no fault when a sometimes check fails even with all of them', async () => {
  const { faults } = await minimised(() => ({ failures: [NEVER_SEEN] }))
  expect(faults).toEqual([])
})
