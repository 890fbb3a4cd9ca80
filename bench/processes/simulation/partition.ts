import type { Simulation, SimulationOptions } from '@basestore/testkit/simulation'

export const options: SimulationOptions = { link: { latency: 50 } }

/** A typical test of a user: two of five peers are cut off while a block is written. */
export default async function partition(sim: Simulation): Promise<void> {
  const peers = await sim.peers(['ann', 'ben', 'cleo', 'dan', 'eve'])
  const log = peers[0]!.store.get({ name: 'log' })
  await log.append('before')
  const copies = peers.slice(1).map(({ store }) => store.get({ key: log.key }))
  for (const copy of copies) copy.download({ start: 0, end: -1 })
  await sim.connect('full')
  await sim.until(() => copies.every(({ contiguousLength }) => contiguousLength === 1), {
    why: 'the first block'
  })
  {
    using _ = sim.network.partition(['ann', 'ben', 'cleo'], ['dan', 'eve'], { mode: 'hold' })
    await log.append('meanwhile')
    await sim.until(() => copies[1]!.contiguousLength === 2, { why: 'the second block at cleo' })
    await sim.sleep(5_000)
    if (copies[2]!.contiguousLength === 2) throw new Error('a block crossed the partition')
  }
  await sim.until(() => copies.every(({ contiguousLength }) => contiguousLength === 2), {
    why: 'both blocks on all'
  })
}
