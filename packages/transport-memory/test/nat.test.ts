import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import type { Nat } from '../src/index.js'
import { stop } from './peers.js'
import { dial, inVirtualNetwork } from './virtual-network.js'

/** Two ways of 10 ms (ms): the dial and the refusal, or the two first messages of a handshake. */
const ROUND_TRIP = 20
/** How a dial ends, and where it fails after how long (ms). */
const opens = { code: 'opened', took: ROUND_TRIP }
const fails = { code: 'ECONNREFUSED', took: ROUND_TRIP }
const timesOut = { code: 'ETIMEDOUT', took: 10_000 }

/** The dialler's class, the other's, and how the dial ends. */
const cells: [Nat, Nat, typeof opens][] = [
  ['open', 'open', opens],
  ['open', 'consistent', opens],
  ['open', 'random', opens],
  ['open', 'blocked', timesOut],
  ['consistent', 'open', opens],
  ['consistent', 'consistent', opens],
  ['consistent', 'random', opens],
  ['consistent', 'blocked', timesOut],
  ['random', 'open', opens],
  ['random', 'consistent', opens],
  ['random', 'random', fails],
  ['random', 'blocked', timesOut],
  ['blocked', 'open', timesOut],
  ['blocked', 'consistent', timesOut],
  ['blocked', 'random', timesOut],
  ['blocked', 'blocked', timesOut]
]

test.each(cells)('%s dials %s', (from, to, expected) =>
  inVirtualNetwork(async ({ peer, clock }) => {
    const [a, b] = [peer('a', { nat: from }), peer('b', { nat: to })]
    expect(await dial(a, b, clock)).toEqual(expected)
  })()
)

test('two transports of one host reach each other behind any router', () =>
  inVirtualNetwork(async ({ network, clock, connect }) => {
    const host = network.host({ nat: 'blocked' })
    const [a, b] = [0, 1].map(() => {
      const [transport, fake] = [network.transport(host), new RecordingHost()]
      transport.start(fake)
      return { transport, host: fake }
    })
    await connect(a!, b!)
    expect(clock.now()).toBeLessThan(100)
    await stop(a!, b!)
  })())

test('an unknown class of NAT is refused', () =>
  inVirtualNetwork(async ({ network }) => {
    expect(() => network.host({ nat: 'symmetric' as Nat })).toThrow(/nat must be one of open, consistent/)
  })())
