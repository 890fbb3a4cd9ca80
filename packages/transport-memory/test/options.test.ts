import { expect, test } from 'vitest'
import {
  type DiscoveryOptions,
  type Distribution,
  type LinkShape,
  MemoryNetwork,
  type MemoryNetworkOptions,
  VirtualClock
} from '../src/index.js'

type Take = (options: never) => unknown

const network = new MemoryNetwork()
for (const name of ['a', 'b']) network.host({ name })

/** Everything that takes options. */
const takers: Record<string, Take> = {
  'new MemoryNetwork()': (options: MemoryNetworkOptions) => new MemoryNetwork(options),
  link: (link: LinkShape) => new MemoryNetwork({ link }),
  discovery: (discovery: DiscoveryOptions) => new MemoryNetwork({ discovery }),
  'host()': (options) => network.host(options),
  'transport()': (options) => network.transport(options),
  'partition()': (options) => network.partition('a', 'b', options),
  'split()': (options) => network.split('isolate', options),
  'shape()': (options) => network.shape('a', 'b', {}, options),
  'the shape of shape()': (shape) => network.shape('a', 'b', shape),
  'corrupt()': (options) => network.corrupt('a', 'b', options),
  'kill()': (options) => network.kill('a', options),
  'new VirtualClock()': (options) => new VirtualClock(options),
  limits: (limits) => new VirtualClock({ limits })
}

test.each<[string, object, string]>([
  ['new MemoryNetwork()', { sede: 1 }, "unknown option 'sede'; did you mean 'seed'?"],
  ['new MemoryNetwork()', { onEvent() {} }, "did you mean 'onevent'?"],
  ['new MemoryNetwork()', { latency: 1 }, 'the options of a memory network are seed, name, clock, link,'],
  ['new MemoryNetwork()', { clock: 1 }, 'clock must be an object, got 1'],
  ['new MemoryNetwork()', { discovery: null }, 'discovery must be an object, got null'],
  ['new MemoryNetwork()', { name: 7 }, 'name must be a string, got 7'],
  ['link', { latancy: 1 }, "did you mean 'latency'?"],
  ['link', { bandwidth: '1' }, "bandwidth must be a number, got '1'"],
  ['discovery', { anounceDelay: 1 }, "did you mean 'announceDelay'?"],
  ['discovery', { ttl: '1' }, "ttl must be a number, got '1'"],
  ['host()', { NAT: 'open' }, "did you mean 'nat'?"],
  ['host()', { up: '1' }, "up must be a number, got '1'"],
  ['transport()', { maxlinks: 1 }, "did you mean 'maxLinks'?"],
  ['partition()', { oneway: true }, "did you mean 'oneWay'?"],
  ['partition()', { oneWay: 1 }, 'oneWay must be true or false, got 1'],
  ['split()', { hosts: 'a' }, "did you mean 'host'?"],
  ['shape()', { oneway: true }, "did you mean 'oneWay'?"],
  ['the shape of shape()', { coalesc: 1 }, "did you mean 'coalesce'?"],
  ['corrupt()', { shares: 1 }, "did you mean 'share'?"],
  ['kill()', { how: 'reset' }, 'the options of kill() are mode'],
  ['new VirtualClock()', { limit: {} }, "did you mean 'limits'?"],
  ['new VirtualClock()', { epoch: '2000' }, "epoch must be a number, got '2000'"],
  ['limits', { times: 1 }, "did you mean 'time'?"]
])('%s refuses %o', (taker, options, detail) => {
  expect(() => takers[taker]!(options as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(detail) })
  )
})

test.each(Object.keys(takers))('%s refuses null and true', (taker) => {
  for (const options of [null, true]) {
    expect(() => takers[taker]!(options as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('must be an object')
      })
    )
  }
})

test('the run of a clock refuses what it does not know', async () => {
  const run = (options: object) => new VirtualClock().run(() => {}, options)
  await expect(run({ onStuck() {} })).rejects.toThrow(/did you mean 'onstuck'\?/)
  await expect(run({ onstuck: true })).rejects.toThrow(/onstuck must be a function, got true/)
})

test.each<unknown>([
  { normal: { mean: 1, deviation: 1, deviaton: 2 } },
  { exponential: { floor: 1, mean: 1, max: 2 } },
  { uniform: [1, 2], samples: [1] },
  {}
])('the distribution %j is refused', (latency) => {
  expect(() => new MemoryNetwork({ link: { latency: latency as Distribution } })).toThrow(
    /latency must be milliseconds/
  )
})

test('an instance of a class may be options', () => {
  class Slow {
    readonly measured = true
    get latency() {
      return 50
    }
  }
  expect(new MemoryNetwork({ link: new Slow() }).links).toBe(0)
})
