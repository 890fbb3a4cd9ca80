import type { Simulation, SimulationOptions } from '@basestore/testkit/simulation'

const { TRIPS: given = 1_000 } = process.env
const TRIPS = Number(given)

export const options: SimulationOptions = { link: { latency: 100 } }

/** Messages and their answers, one after another, over a link with a latency of 100 ms each way. */
export default async function roundTrips(sim: Simulation): Promise<void> {
  const [a, b] = await sim.peers(2)
  await sim.connect('line')
  let answered = (): void => {}
  b!.networker.registerExtension('ping', (echo) => ({
    onmessage: (message, peer) => {
      echo.send(message, peer)
    }
  }))
  const ping = a!.networker.registerExtension('ping', { onmessage: () => answered() })
  await sim.until(() => ping.peers.size === 1, { why: 'the extension is open' })
  const [peer] = ping.peers
  const start = sim.now
  for (let trip = 0; trip < TRIPS; trip++) {
    const answer = new Promise<void>((resolve) => {
      answered = resolve
    })
    ping.send(Buffer.from('x'), peer!)
    await answer
  }
  const mean = (sim.now - start) / TRIPS
  if (Math.abs(mean - 200) > 1) throw new Error(`a round trip took ${mean} virtual ms`)
}
