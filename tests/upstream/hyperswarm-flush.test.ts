import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isPending, LATE, within } from '../support/bound.js'
import { type LocalDht, withLocalDht } from '../support/local-dht.js'
import { until } from '../support/swarm-events.js'
import { fixed } from './fixed.js'

const DEAD = 9
/** Milliseconds from the end of the first three dials. Each dead peer holds its slot for 8 s; all nine take 40 s. */
const PATIENCE = 12_000

describe("Hyperswarm's flush", () => {
  it('hangs for ever after joinPeer() of an unreachable peer', async () => {
    await withLocalDht(async ({ swarm }) => {
      const ours = swarm()
      await ours.join(randomBytes(32)).flushed()

      const dialEnded = until(ours, 'update', () => ours.stats.connects.client.closed > 0)
      ours.joinPeer(randomBytes(32))
      const flush = ours.flush()
      await dialEnded

      const message = fixed('transport-hyperswarm', "a topic's flush is counted by us, from its own dials")
      expect(ours.connecting, 'no dial is under way').toBe(0)
      expect(await isPending(flush), message).toBe(true)

      // It is still pending after a whole lookup, which finds nobody.
      await ours.join(randomBytes(32)).flushed()
      expect(await isPending(flush), message).toBe(true)
    })
  })

  it('hangs for ever when the swarm is suspended meanwhile', async () => {
    await withLocalDht(async (dht) => {
      const topic = randomBytes(32)
      // More peers than are dialled at a time, so that some wait in the queue, which suspend() empties.
      await Promise.all(Array.from({ length: 5 }, () => die(dht, topic)))
      const ours = dht.swarm()
      await ours.join(topic, { server: false }).flushed()
      const flush = ours.flush()
      await ours.suspend()
      await ours.resume()

      // It is still pending after a whole lookup of another topic, which finds nobody.
      await ours.join(randomBytes(32)).flushed()
      const message = fixed('transport-hyperswarm', 'suspend settles every flush in hand')
      expect(await isPending(flush), message).toBe(true)
    })
  })

  it('waits for dead peers three at a time, and a living peer waits behind them', async () => {
    await withLocalDht(async (dht) => {
      const topic = randomBytes(32)
      await Promise.all(Array.from({ length: DEAD }, () => die(dht, topic)))

      const ours = dht.swarm()
      const session = ours.join(topic)
      await session.flushed()
      const message = fixed('transport-hyperswarm', 'a larger maxParallel, and a flush of our own')
      expect(ours.connecting, message).toBe(3)

      // The living peer announces itself now and is found at once, but the dead ones hold every slot.
      const living = dht.swarm()
      await living.join(topic, { client: false }).flushed()
      await session.refresh()
      const flush = ours.flush()
      await until(ours, 'update', () => ours.stats.connects.client.closed > 0)
      expect(ours.connections.size, message).toBe(0)

      expect(await within(PATIENCE, flush), message).toBe(LATE)
    })
  })
})

describe("the topic's own flush", () => {
  it('resolves to true at once when no query runs, though nothing was ever announced', async () => {
    await withLocalDht(async ({ swarm }) => {
      const ours = swarm()
      await ours.suspend()
      const session = ours.join(randomBytes(32))
      const message = fixed('transport-hyperswarm', 'a suspended topic counts as not flushed')
      expect(await session.flushed(), message).toBe(true)
    })
  })

  it('resolves to true a moment after it has resolved to false, for a query that failed', async () => {
    await withLocalDht(async ({ swarm, node }) => {
      const dht = node()
      const ours = swarm({ dht })
      await ours.join(randomBytes(32)).flushed()
      await dht.destroy()

      const session = ours.join(randomBytes(32))
      const message = fixed('transport-hyperswarm', 'a failed query is remembered and tried again')
      expect(await session.flushed(), message).toBe(false)
      expect(await session.flushed(), message).toBe(true)
    })
  })

  it('is undefined, neither true nor false, for a refresh that joins a running one', async () => {
    await withLocalDht(async ({ swarm }) => {
      const session = swarm().join(randomBytes(32))
      const message = fixed('transport-hyperswarm', 'only a refresh() of false counts as failed')
      expect(await session.refresh(), message).toBeUndefined()
      expect(await session.refresh()).toBe(true)
    })
  })
})

/** Announces a peer, then ends it without taking the announcement back. */
async function die({ swarm }: LocalDht, topic: Buffer): Promise<void> {
  const dead = swarm()
  await dead.join(topic, { client: false }).flushed()
  // Not through the swarm: that would take the announcement back.
  await dead.dht.destroy({ force: true })
}
