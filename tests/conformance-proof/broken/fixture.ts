import type { Transport } from '@basestore/networker/transport'
import { MemoryNetwork } from '@basestore/transport-memory'
import { fixtureNetwork } from '../../../packages/transport-memory/test/fixture.js'
import { broken, brokenNetwork, leak } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const fixture: BrokenTransports = {
  'gives a transport again that nobody has started yet': turnsRed(
    { fixture: 'new-transports', stop: 'frees-connections', offline: 'starts-offline' },
    brokenNetwork((network, { hosts }) => {
      let last: Transport | undefined
      return {
        ...network,
        createTransport: async () => {
          if (!last || hosts.has(last)) last = await network.createTransport()
          return last
        }
      }
    })
  ),
  'keeps a global map': turnsRed(
    { fixture: 'isolated-networks' },
    (() => {
      const everywhere = new MemoryNetwork()
      return brokenNetwork(
        (network) => network,
        undefined,
        () => fixtureNetwork(everywhere)
      )
    })()
  ),
  'leaves a timer of the network': turnsRed(
    { fixture: 'closes' },
    brokenNetwork((network) => {
      leak()
      return network
    })
  ),
  'has no name': turnsRed(
    { fixture: 'name' },
    broken(() => ({ name: '' }))
  ),
  'suspends and never resumes': turnsRed(
    { fixture: 'methods' },
    broken(() => ({ resume: undefined }) as unknown as Partial<Transport>)
  )
}
