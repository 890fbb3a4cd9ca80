import type { Simulation, SimulationOptions } from '@basestore/testkit/simulation'

const { PEERS: given = 1_000 } = process.env
const PEERS = Number(given)
const LINKS = 8
const BLOCKS = 10

export const options: SimulationOptions = { link: { latency: 50 } }

/** Many peers in a random graph. Each gets the core's blocks from its neighbours. */
export default async function flood(sim: Simulation): Promise<void> {
  const [first, ...others] = await sim.peers(PEERS)
  const core = first!.store.get({ name: 'blocks' })
  await core.ready()
  await core.append(Array.from({ length: BLOCKS }, (_, index) => `block ${index}`))
  const copies = others.map(({ store }) => store.get({ key: core.key }))
  await Promise.all(copies.map((copy) => copy.ready()))
  for (const copy of copies) copy.download({ start: 0, end: BLOCKS })
  await sim.connect({ random: LINKS })
  await sim.until(() => copies.every(({ contiguousLength }) => contiguousLength === BLOCKS), {
    why: `${BLOCKS} blocks on ${copies.length} peers`
  })
}
