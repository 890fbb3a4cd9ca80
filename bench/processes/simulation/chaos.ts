import type { SimulatedPeer, Simulation, SimulationOptions } from '@basestore/testkit/simulation'

const PEERS = 20
const BLOCKS = 60
/** Virtual time between two appends (ms). */
const PAUSE = 1_000

export const options: SimulationOptions = {
  link: { latency: { exponential: { floor: 10, mean: 30 } }, bandwidth: 2_000_000 },
  discovery: {
    announceDelay: { uniform: [20, 200] },
    lookupDelay: { uniform: [50, 500] },
    ttl: 60_000,
    refresh: 10_000,
    missed: 0.1,
    fakes: 1,
    limit: 20
  }
}

/** A log is written while chaos injects faults of all kinds. In the end every living peer has every block. */
export default async function chaos(sim: Simulation): Promise<void> {
  const writer = await sim.peer('writer')
  const log = writer.store.get({ name: 'log' })
  await log.ready()

  /** Each reader's copy of the log, in its present life. */
  const copies = new Map<string, { readonly contiguousLength: number }>()
  const start = async (peer: SimulatedPeer) => {
    const copy = peer.store.get({ key: log.key })
    await copy.ready()
    copies.set(peer.name, copy)
    copy.download({ start: 0, end: -1 })
    await peer.networker.configure(log.discoveryKey, { flush: false })
  }
  const names = Array.from({ length: PEERS - 1 }, (_, index) => `reader-${index + 1}`)
  await writer.networker.configure(log.discoveryKey, { flush: false })
  await sim.peers(names, { start })

  const written = (async () => {
    for (let block = 0; block < BLOCKS; block++) {
      await log.append(`block ${block}`)
      await sim.sleep(PAUSE)
    }
  })()
  await sim.chaos({
    duration: 60_000,
    resets: 20,
    splits: 3,
    clogs: 3,
    crashes: 4,
    pauses: 4,
    churn: 4,
    quiet: { every: 20_000, length: 5_000 },
    victims: names
  })
  await written
  await sim.until(() => names.every((name) => copies.get(name)?.contiguousLength === BLOCKS), {
    within: 120_000,
    why: `${BLOCKS} blocks on each of ${names.length} readers`
  })
}
