import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNetworkers, waitForPeers } from '@basestore/testkit'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LATE, within } from '../support/bound.js'
import { Child } from '../support/child.js'

const PEER = new URL('./children/peer.mjs', import.meta.url)
const PROCESSES = 6
/** Networkers of the processes that are killed: nine peers that no longer answer. */
const KILLED = [2, 2, 2, 1, 1, 1]

interface Report {
  ready?: true
  configured?: true
  peers?: number
}

describe('processes over Hyperswarm', () => {
  let testnet: Testnet
  let directory: string
  let children: Child[] = []

  beforeAll(async () => {
    testnet = await createTestnet()
    directory = await mkdtemp(join(tmpdir(), 'basestore-together-'))
    children = Array.from({ length: PROCESSES }, (_, i) => {
      const args = [JSON.stringify(testnet.bootstrap), join(directory, String(i))]
      return new Child(PEER, { args, bound: 110_000 })
    })
  })
  afterAll(async () => {
    await Promise.all(children.map((child) => child.kill()))
    await testnet.destroy()
    await rm(directory, { recursive: true, force: true })
  })

  /** Starts fresh networkers: so many in each process. */
  async function prepare(counts: readonly number[]): Promise<void> {
    for (const [i, child] of children.entries()) child.send({ prepare: counts[i] })
    await all(({ ready }) => ready === true)
  }

  /** Resolves when each process has sent such a report. */
  async function all(wanted: (report: Report) => boolean): Promise<void> {
    await Promise.all(children.map((child) => until(child, wanted)))
  }

  it('that configure one topic at the same moment are a full mesh within five seconds, every time', async () => {
    for (let trial = 0; trial < 3; trial++) {
      await prepare(children.map(() => 1))
      const configure = randomBytes(32).toString('hex')
      for (const child of children) child.send({ configure })
      const meshed = all(({ peers }) => peers === PROCESSES - 1)
      expect(await within(5_000, meshed), `trial ${trial}`).not.toBe(LATE)
    }
  }, 60_000)

  it('that were killed cost no more than ten seconds, and the living one is there at once', async () => {
    const topic = randomBytes(32)
    await prepare(KILLED)
    for (const child of children) child.send({ configure: topic.toString('hex') })
    await all(({ configured }) => configured === true)
    await Promise.all(children.map((child) => child.kill()))

    const transports = () => [hyperswarm({ dht: testnet.createNode() })]
    await using group = await createNetworkers(2, { transports })
    const [living, seeker] = group.networkers
    await living.configure(topic, { lookup: false })
    await seeker.listen()
    const begin = performance.now()
    const configured = seeker.configure(topic).then(() => performance.now() - begin)
    await waitForPeers(seeker, 1)
    expect(performance.now() - begin).toBeLessThan(1_500)
    expect(await configured).toBeLessThan(10_000)
    expect(seeker.peers.size).toBe(1)
  }, 60_000)
})

async function until(child: Child, wanted: (report: Report) => boolean): Promise<void> {
  while (!wanted(await child.message<Report>()));
}
