import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LATE, within } from '../support/bound.js'
import { Child } from '../support/child.js'
import { withLocalDht } from '../support/local-dht.js'
import { fixed } from './fixed.js'

const PEER = new URL('./children/mesh-peer.mjs', import.meta.url)
const PEERS = 6
const TRIALS = 4
/** Milliseconds. Peers that find each other need 0.2 to 1 s. Peers that miss each other need 10 to 12 minutes. */
const PATIENCE = 5_000

interface Report {
  ready?: true
  left?: true
  connections?: number
}

/*
 *   one    lookup ──────┐ finds nobody   announce stored
 *   other    lookup ────┤ finds nobody     announce stored
 *                       └─ the next query is 10 minutes off
 */
describe('Hyperswarm', () => {
  it('lets peers that join at the same moment miss each other', async () => {
    await withLocalDht(async ({ bootstrap }) => {
      const children = Array.from(
        { length: PEERS },
        () => new Child(PEER, { args: [JSON.stringify(bootstrap)], bound: 45_000 })
      )
      try {
        let meshed = 0
        let trials = 0
        // The first trial without a full mesh is proof enough.
        while (trials++ < TRIALS && meshed === trials - 1) if (await meshes(children)) meshed++
        expect(
          meshed,
          fixed('transport-hyperswarm', 'each join is followed by jittered refreshes of its own')
        ).toBeLessThan(TRIALS)
      } finally {
        await Promise.all(children.map((child) => child.kill()))
      }
    })
  })
})

/** Whether fresh swarms that join a fresh topic at the same moment become a full mesh in time. */
async function meshes(children: readonly Child[]): Promise<boolean> {
  for (const child of children) child.send({ prepare: true })
  await Promise.all(children.map((child) => until(child, (report) => report.ready === true)))

  const join = randomBytes(32).toString('hex')
  const full = children.map((child) => until(child, ({ connections }) => connections === children.length - 1))
  for (const child of children) child.send({ join })
  const met = await within(PATIENCE, Promise.all(full))

  for (const child of children) child.send({ leave: true })
  await Promise.all(
    children.map(async (child, i) => {
      if (await full[i]) await until(child, (report) => report.left === true)
    })
  )
  return met !== LATE
}

/** Reads a child's reports up to the wanted one. False when the child left before. */
async function until(child: Child, wanted: (report: Report) => boolean): Promise<boolean> {
  for (;;) {
    const report = await child.message<Report>()
    if (wanted(report)) return true
    if (report.left) return false
  }
}
