import { AsyncLocalStorage } from 'node:async_hooks'
import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import { MemoryNetwork, RealClock } from '../src/index.js'
import { memoryFixture } from './fixture.js'

/** Frames that are under way when a transport stops belong to the network, so no case may count their timers. */
class NetworkClock extends RealClock {
  readonly #outside = AsyncLocalStorage.snapshot()

  override at(...what: Parameters<RealClock['at']>): ReturnType<RealClock['at']> {
    return this.#outside(() => super.at(...what))
  }
}

/** Links and discovery take their time, so that dials cross. */
const fixture = memoryFixture('memory, shaped', () => {
  return new MemoryNetwork({
    clock: new NetworkClock(),
    link: { latency: { uniform: [1, 3] }, bandwidth: 100_000_000 },
    discovery: { announceDelay: { uniform: [1, 5] }, lookupDelay: { uniform: [1, 5] } }
  })
})

describeTransport({ describe, it }, fixture)
