import { AsyncLocalStorage } from 'node:async_hooks'
import { describeTransport, type TransportFixture } from '@basestore/conformance'
import { describe, it } from 'vitest'
import { MemoryNetwork, RealClock } from '../src/index.js'
import { createMemoryNetwork } from './fixture.js'

/** What is on its way when a transport stops is the network's: its timers count as nobody's. */
class NetworkClock extends RealClock {
  readonly #outside = AsyncLocalStorage.snapshot()

  override at(...what: Parameters<RealClock['at']>): ReturnType<RealClock['at']> {
    return this.#outside(() => super.at(...what))
  }
}

/** The memory transport over links that take their time, and a discovery that does, so that dials cross. */
const shaped: TransportFixture = {
  name: 'memory, shaped',
  createNetwork: () =>
    createMemoryNetwork(
      new MemoryNetwork({
        clock: new NetworkClock(),
        link: { latency: { uniform: [1, 3] }, bandwidth: 100_000_000 },
        discovery: { announceDelay: { uniform: [1, 5] }, lookupDelay: { uniform: [1, 5] } }
      })
    )
}

describeTransport({ describe, it }, shaped)
