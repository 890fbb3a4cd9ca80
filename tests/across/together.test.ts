import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNetworkers, waitForPeers } from '@basestore/testkit'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LATE, within } from '../support/bound.js'
import { Child } from '../support/child.js'

const PEER = new URL('./children/peer.mjs', import.meta.url)

interface Report {
  ready?: string
  configured?: true
  peers?: number
}

describe('processes over Hyperswarm', () => {
  let testnet: Testnet
  let directory: string
  beforeAll(async () => {
    testnet = await createTestnet()
  })
  afterAll(() => testnet.destroy())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'basestore-together-'))
    return () => rm(directory, { recursive: true, force: true }) // the children are killed
  })

  const start = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const args = [JSON.stringify(testnet.bootstrap), join(directory, String(i))]
      return new Child(PEER, { args, bound: 55_000 })
    })

  it('that configure one topic at the same moment are a full mesh within five seconds, every time', async () => {
    const children = start(6)
    try {
      for (let trial = 0; trial < 3; trial++) {
        for (const child of children) child.send({ prepare: true })
        await Promise.all(children.map((child) => until(child, ({ ready }) => ready !== undefined)))
        const configure = randomBytes(32).toString('hex')
        for (const child of children) child.send({ configure })
        const meshed = Promise.all(children.map((child) => until(child, ({ peers }) => peers === 5)))
        expect(await within(5_000, meshed), `trial ${trial}`).not.toBe(LATE)
      }
    } finally {
      await Promise.all(children.map((child) => child.kill()))
    }
  }, 60_000)

  it('that were killed cost no more than ten seconds, and the living one is there at once', async () => {
    const topic = randomBytes(32)
    const children = start(9)
    try {
      for (const child of children) child.send({ prepare: true })
      await Promise.all(children.map((child) => until(child, ({ ready }) => ready !== undefined)))
      for (const child of children) child.send({ configure: topic.toString('hex') })
      await Promise.all(children.map((child) => until(child, ({ configured }) => configured === true)))
    } finally {
      await Promise.all(children.map((child) => child.kill()))
    }

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
