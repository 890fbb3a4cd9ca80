import type { Undo } from '@basestore/transport-memory'
import type { ChaosAction } from './action.js'

/** The largest share of the peers that a clog concerns. */
const MOST = 1 / 2

/** Holds back the frames of some peers: clogged one after the other, and freed in another order. */
export const clog: ChaosAction = {
  from: 'peers',
  least: 1,
  howMany: (count, random) => 1 + random.below(Math.max(1, Math.floor(count * MOST))),
  isGradual: true,

  async begin({ who, duration, random }, { network, because, sleep }) {
    const step = duration / who.length / 2
    const undos: Undo[] = []
    for (const peer of who) {
      undos.push(because(() => network.partition(peer, () => true, { mode: 'hold' })))
      await sleep(step)
    }
    return async () => {
      for (const undo of random.shuffle(undos)) {
        await sleep(step)
        because(undo)
      }
    }
  }
}
