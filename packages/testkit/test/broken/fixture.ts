import type { Transport } from '@basestore/networker/transport'
import { MemoryNetwork } from '../../../transport-memory/src/network.js'
import type { TransportFixture } from '../../src/index.js'
import { createMemoryNetwork } from '../fixtures/memory.js'
import { broken, brokenNetwork, leak } from './sabotage.js'

export const fixture: Readonly<Record<string, TransportFixture>> = {
  'gives a transport again that nobody has started yet': brokenNetwork((network, { hosts }) => {
    let last: Transport | undefined
    return {
      ...network,
      createTransport: async () => {
        if (!last || hosts.has(last)) last = await network.createTransport()
        return last
      }
    }
  }),
  'keeps a global map': (() => {
    const everywhere = new MemoryNetwork()
    return brokenNetwork(
      (network) => network,
      undefined,
      () => createMemoryNetwork(everywhere)
    )
  })(),
  'leaves a timer of the network': brokenNetwork((network) => {
    leak()
    return network
  }),
  'has no name': broken(() => ({ name: '' })),
  'suspends and never resumes': broken(() => ({ resume: undefined }) as unknown as Partial<Transport>)
}
