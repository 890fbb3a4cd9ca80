import type { Simulation, SimulationOptions } from '@basestore/testkit/simulation'

const PEERS = 20
const { HOURS: given = 24 } = process.env
const HOURS = Number(given)
/** One hour of virtual time (ms). */
const HOUR = 3_600_000
/** How large the heap may become after the first hour, as a factor. Less growth is noise of the garbage collector. */
const FLAT = 1.1

export const options: SimulationOptions = { link: { latency: 50 } }

/** Peers of one topic that are all connected and send nothing but their keep-alives. */
export default async function idle(sim: Simulation): Promise<void> {
  const peers = await sim.peers(PEERS)
  const core = peers[0]!.store.get({ name: 'quiet' })
  await core.ready()
  await Promise.all(peers.map(({ networker }) => networker.configure(core.discoveryKey)))
  await sim.sleep(HOUR)
  const before = heap()
  for (let hour = 1; hour < HOURS; hour++) await sim.sleep(HOUR)
  const after = heap()
  const lonely = peers.filter(({ networker }) => networker.peers.size !== PEERS - 1)
  if (lonely.length > 0) throw new Error(`${lonely.length} of ${PEERS} peers lost a connection`)
  if (after > before * FLAT) throw new Error(`the heap grew from ${before} to ${after} bytes`)
}

function heap(): number {
  if (!globalThis.gc) throw new Error('the heap can only be compared with node --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
