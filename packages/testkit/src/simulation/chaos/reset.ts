import type { ChaosAction } from './action.js'

/** Breaks all links between two peers. They may connect again at once. */
export const reset: ChaosAction = {
  from: 'peers',
  least: 2,
  howMany: () => 2,
  isMomentary: true,

  begin({ who: [a, b] }, { network, because }) {
    because(() => network.reset(a!, b!))
    return undefined
  }
}
