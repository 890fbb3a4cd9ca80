import { expect, test } from 'vitest'
import { localDht } from './network.js'

const onDht = localDht()
/** More than the ten listeners of one event from which on Node warns of a leak. */
const MANY = 12

test('many transports on one DHT listen to it by one listener for each event', async () => {
  await onDht(async (network) => {
    const dht = network.createNode()
    const counts = () => ['network-change', 'network-update'].map((event) => dht.listenerCount(event))
    const before = counts()
    const warned = await warnings(async () => {
      const parties = await Promise.all(Array.from({ length: MANY }, () => network.party({ dht })))
      expect(counts()).toEqual(before.map((count) => count + 1))
      await parties[0]!.stop()
      expect(counts()).toEqual(before.map((count) => count + 1))
      await Promise.all(parties.map((party) => party.stop()))
    })
    expect(counts()).toEqual(before)
    expect(warned).toEqual([])
  })
})

test("each of them, and each one's Hyperswarm, hears that the network has changed", async () => {
  await onDht(async (network) => {
    const dht = network.createNode()
    const parties = await Promise.all([network.party({ dht }), network.party({ dht })])
    const refreshed: number[] = []
    for (const [i, { swarm, transport }] of parties.entries()) {
      transport.join(Buffer.alloc(32, i), { announce: false, lookup: true })
      const session = swarm.status(Buffer.alloc(32, i)) as unknown as { refresh(): Promise<void> }
      session.refresh = async () => void refreshed.push(i)
    }
    dht.emit('network-change')
    expect(refreshed).toEqual([0, 1])
  })
})

test('many overlapping connects to one key add no listener each', async () => {
  await onDht(async (network) => {
    const [a, b] = await Promise.all([network.party(), network.party()])
    await b.swarm.listen()
    const warned = await warnings(async () => {
      await Promise.all(Array.from({ length: MANY }, () => a.connect(b.key)))
    })
    expect(a.host.has(b.key)).toBe(true)
    expect(warned).toEqual([])
  })
})

/** The warnings of Node while it runs. */
async function warnings(run: () => Promise<void>): Promise<Error[]> {
  const warned: Error[] = []
  const onwarning = (warning: Error) => warned.push(warning)
  process.on('warning', onwarning)
  try {
    await run()
    await new Promise(setImmediate) // they come a tick later
  } finally {
    process.removeListener('warning', onwarning)
  }
  return warned
}
