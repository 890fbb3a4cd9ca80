import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type LocalDht, withLocalDht } from '../support/local-dht.js'
import { fixed } from './fixed.js'

const TOPICS = 30
/** The least factor that counts as slower. Measured: 15 to 60. */
const TIMES_SLOWER = 2

describe('the DHT', () => {
  it('takes several times as long for the same topics as with a wider window', async () => {
    await withLocalDht(async (dht) => {
      // With a wide window the CPU is the limit. The best of three runs leaves out warm-up and other programs.
      const wide: number[] = []
      for (let i = 0; i < 3; i++) wide.push(await joinTopics(dht, { maxWindow: 1000 }))
      const usual = await joinTopics(dht, {})
      const message = fixed('transport-hyperswarm', 'maxWindow of 1000 and a bound for close')
      expect(usual / Math.min(...wide), message).toBeGreaterThan(TIMES_SLOWER)
    })
  })
})

/** Returns the milliseconds that a fresh node needs to announce all topics. */
async function joinTopics({ swarm, node }: LocalDht, options: { maxWindow?: number }): Promise<number> {
  const dht = node(options)
  await dht.fullyBootstrapped()
  const ours = swarm({ dht })
  const begin = performance.now()
  await Promise.all(Array.from({ length: TOPICS }, () => ours.join(randomBytes(32)).flushed()))
  return performance.now() - begin
}
