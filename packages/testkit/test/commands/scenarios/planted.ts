import type { Simulation } from '../../../src/simulation/index.js'

/** Its defect: a's link to b must not break, and chaos breaks links. */
export default async function planted(sim: Simulation): Promise<void> {
  const peers = await sim.peers(4)
  await sim.connect('full')
  const [a, b] = peers
  const key = Buffer.from(b!.networker.keyPair.publicKey)
  let [isBroken, isAnyBroken] = [false, false]
  for (const peer of peers) {
    peer.networker.on('peer-remove', ({ remotePublicKey }) => {
      isAnyBroken = true
      if (peer === a && key.equals(remotePublicKey)) isBroken = true
    })
  }
  sim.sometimes('a link breaks', () => isAnyBroken)
  await sim.chaos({ resets: 60, duration: 10_000 })
  if (isBroken) throw new Error('a lost b')
}
