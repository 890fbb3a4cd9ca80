import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import type { Nat } from '../src/index.js'
import { stop } from './peers.js'
import { dial, inVirtualNetwork } from './virtual-network.js'

/** Of a link whose frames take 10 ms: the dial and the first message, the second, or the dial and its refusal. */
const ROUND_TRIP = 20
/** How a dial ends, in milliseconds where it fails. */
const opens = { code: 'opened', took: ROUND_TRIP }
const fails = { code: 'ECONNREFUSED', took: ROUND_TRIP }
const timesOut = { code: 'ETIMEDOUT', took: 10_000 }

/** Who dials, who is dialled, and what comes of it. */
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

test('there is no router between two transports of one host', () =>
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

test('a class that there is none of is refused', () =>
  inVirtualNetwork(async ({ network }) => {
    expect(() => network.host({ nat: 'symmetric' as Nat })).toThrow(/nat must be one of open, consistent/)
  })())
