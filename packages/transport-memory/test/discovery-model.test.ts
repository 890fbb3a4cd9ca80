import { expect, test } from 'vitest'
import type { DiscoveryOptions, NetworkEvent } from '../src/index.js'
import { MemoryNetwork } from '../src/index.js'
import { announce, both, lookup, never, type Peer, topic } from './peers.js'
import { inVirtualNetwork, sleep, type VirtualNetworkContext } from './virtual-network.js'

const MINUTE = 60_000

function withDiscovery(discovery: DiscoveryOptions, run: (context: VirtualNetworkContext) => Promise<void>) {
  return inVirtualNetwork(run, { discovery })
}

function flush(peer: Peer): Promise<void> {
  return peer.transport.flush(topic(), { signal: never })
}

function founds(events: readonly NetworkEvent[], name: string): number[] {
  return events.flatMap((event) => (event.type === 'lookup' && event.peer === name ? [event.found] : []))
}

test(
  'announceDelay: no lookup finds the peer before, and flush waits for it',
  withDiscovery({ announceDelay: 800 }, async ({ peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await flush(b)
    expect([clock.now(), b.host.asked]).toEqual([0, []])
    await flush(a)
    expect(clock.now()).toBe(800)
    await flush(b)
    expect(b.host.peers).toEqual([a.host.key])
  })
)

test(
  'lookupDelay: flush waits for it, and for the dials to the peers that are found',
  withDiscovery({ lookupDelay: { uniform: [300, 400] } }, async ({ peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(), announce)
    await flush(a)
    expect(clock.now()).toBe(0)
    b.transport.join(topic(), lookup)
    await flush(b)
    expect(b.host.peers).toEqual([a.host.key])
    expect(clock.now()).toBeGreaterThan(320)
    expect(clock.now()).toBeLessThan(420)
  })
)

// The peer whose announcement is stored last finds the other: its flush looks up after that.
//
//   a  announce ──────▶ stored · lookup
//   b  announce ────────────────▶ stored · lookup ──▶ finds a
test(
  'two peers that join at the same moment have met when both have flushed',
  withDiscovery(
    { announceDelay: { uniform: [0, 2_000] }, lookupDelay: 300, refresh: 10 * MINUTE },
    async ({ peer, clock }) => {
      const pair = [peer('a'), peer('b')]
      for (const { transport } of pair) transport.join(topic(), both)
      await Promise.all(pair.map(flush))
      await sleep(100)
      expect(pair.map(({ host }) => host.connections.length)).toEqual([1, 1])
      expect(clock.now()).toBeLessThan(2_500)
    }
  )
)

test(
  'without refresh a standing lookup hears of a later peer as soon as its record is stored',
  withDiscovery({ announceDelay: 800 }, async ({ peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    b.transport.join(topic(), lookup)
    await sleep(1_000)
    a.transport.join(topic(), announce)
    await b.host.connection()
    expect(clock.now()).toBe(1_820)
  })
)

test(
  'refresh: a standing lookup finds a later peer at its next refresh, which chance delays by up to a fifth',
  withDiscovery({ refresh: 10 * MINUTE }, async ({ peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    b.transport.join(topic(), lookup)
    await sleep(1_000)
    a.transport.join(topic(), announce)
    await b.host.connection()
    expect(clock.now()).toBeGreaterThan(10 * MINUTE)
    expect(clock.now()).toBeLessThan(12 * MINUTE + 1_000)
    await sleep(60 * MINUTE)
    const times = events.flatMap((event) => (event.type === 'lookup' ? [event.time] : []))
    const gaps = times.slice(1).map((time, i) => time - times[i]!)
    expect(gaps.length).toBeGreaterThan(4)
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(1)
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10 * MINUTE)
  })
)

test(
  'refresh: there is none after a leave, a suspend or a stop',
  withDiscovery({ refresh: MINUTE }, async ({ peer, events }) => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => peer(name))
    for (const { transport } of [a!, b!, c!, d!]) transport.join(topic(), both)
    await a!.transport.leave(topic())
    await b!.transport.suspend!()
    await c!.transport.stop()
    const before = events.length
    await sleep(5 * MINUTE)
    const askers = events.slice(before).flatMap((event) => ('peer' in event ? [event.peer] : []))
    expect(new Set(askers)).toEqual(new Set(['d']))
    await b!.transport.resume!()
    await b!.host.connection()
  })
)

test(
  'ttl: a record that is not refreshed in time expires, and comes back with the next refresh',
  withDiscovery({ ttl: 2 * MINUTE, refresh: 5 * MINUTE }, async ({ peer }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await flush(b)
    b.host.connections[0]!.stream.destroy()
    await sleep(2 * MINUTE)
    await flush(b)
    expect(b.host.connections).toHaveLength(1)
    await sleep(4 * MINUTE)
    await flush(b)
    expect(b.host.connections).toHaveLength(2)
  })
)

test.each<DiscoveryOptions>([{ ttl: 20 * MINUTE }, { ttl: 20 * MINUTE, refresh: 5 * MINUTE }])(
  'ttl: the record of a dead peer stays until then, those of living ones stay for ever (%o)',
  (discovery) =>
    withDiscovery(discovery, async ({ network, peer, events }) => {
      const [dead, living, seeker] = [peer('dead'), peer('living'), peer('seeker')]
      for (const { transport } of [dead, living]) transport.join(topic(), announce)
      network.kill('dead')
      seeker.transport.join(topic(), lookup)
      await sleep(19 * MINUTE)
      await flush(seeker)
      expect(founds(events, 'seeker').at(-1)).toBe(2)
      await sleep(2 * MINUTE)
      await flush(seeker)
      expect(founds(events, 'seeker').at(-1)).toBe(1)
      await sleep(60 * MINUTE)
      await flush(seeker)
      expect(founds(events, 'seeker').at(-1)).toBe(1)
    })()
)

test(
  'missed: each lookup misses about that share, another one each time, and so does a standing lookup',
  withDiscovery({ missed: 0.3 }, async ({ peer, events }) => {
    const announcers = Array.from({ length: 20 }, (_, i) => peer(`announcer-${i}`))
    const late = peer('late')
    const seeker = peer('seeker')
    late.transport.join(topic(2), lookup)
    for (const { transport } of announcers) transport.join(topic(2), announce)
    for (const { transport } of announcers) transport.join(topic(), announce)
    seeker.transport.join(topic(), lookup)
    for (let i = 0; i < 30; i++) await flush(seeker)
    const found = founds(events, 'seeker')
    const share = found.reduce((sum, n) => sum + n, 0) / found.length / announcers.length
    expect(share).toBeGreaterThan(0.6)
    expect(share).toBeLessThan(0.8)
    expect(new Set(found).size).toBeGreaterThan(2)
    await sleep(1_000)
    expect(late.host.connections.length).toBeGreaterThan(8)
    expect(late.host.connections.length).toBeLessThan(19)
  })
)

test(
  'missed: with 1 no lookup ever finds a peer',
  withDiscovery({ missed: 1 }, async ({ peer }) => {
    const [a, b] = [peer('a'), peer('b')]
    b.transport.join(topic(), lookup)
    a.transport.join(topic(), announce)
    await flush(b)
    await sleep(60 * MINUTE)
    expect(b.host.asked).toEqual([])
  })
)

test(
  'fakes: the same keys each time, and flush waits until the dials to them have timed out',
  withDiscovery({ fakes: 3 }, async ({ peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await flush(b)
    expect(clock.now()).toBe(10_000)
    expect(b.host.peers).toEqual([a.host.key])
    await flush(b)
    expect(clock.now()).toBe(20_000)
    expect(new Set(b.host.asked).size).toBe(4)
    expect(founds(events, 'b')).toEqual([4, 4, 4])
    expect(events.filter((event) => event.type === 'dial' && event.to === 'nobody')).toHaveLength(6)
  })
)

test('fakes: the same seed gives the same keys, another topic and another seed others', async () => {
  const keys: string[][] = []
  for (const [seed, n] of [
    [1, 1],
    [1, 1],
    [1, 2],
    [2, 1]
  ] as const) {
    const run = async ({ peer }: VirtualNetworkContext) => {
      const { host, transport } = peer('seeker')
      transport.join(topic(n), lookup)
      keys.push([...host.asked].sort())
    }
    await inVirtualNetwork(run, { seed, discovery: { fakes: 2 } })()
  }
  const [first, again, ...others] = keys
  expect(first).toHaveLength(2)
  expect(again).toEqual(first)
  expect(new Set([first, ...others].flat()).size).toBe(6)
})

test(
  'limit: no lookup returns more, and in time each peer is found',
  withDiscovery({ limit: 3 }, async ({ peer, events }) => {
    const announcers = Array.from({ length: 9 }, (_, i) => peer(`announcer-${i}`))
    for (const { transport } of announcers) transport.join(topic(), announce)
    const seeker = peer('seeker')
    seeker.transport.join(topic(), lookup)
    await flush(seeker)
    for (let i = 0; i < 40; i++) await flush(seeker)
    expect(new Set(founds(events, 'seeker'))).toEqual(new Set([3]))
    expect(new Set(seeker.host.peers).size).toBe(9)
  })
)

test(
  'abort, leave and suspend end a flush that waits for discovery',
  withDiscovery({ announceDelay: MINUTE, lookupDelay: MINUTE }, async ({ peer, clock }) => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => peer(name)) as [Peer, Peer, Peer, Peer]
    for (const { transport } of [a, b, c, d]) transport.join(topic(), both)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = a.transport.flush(topic(), { signal: controller.signal })
    const rest = [b, c, d].map(flush)
    await sleep(1_000)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    b.transport.leave(topic())
    await c.transport.suspend!()
    await d.transport.stop()
    await Promise.all(rest)
    expect(clock.now()).toBe(1_000)
    await sleep(2 * MINUTE)
    expect(a.host.connections).toEqual([])
  })
)

test(
  'events tell of announcements and lookups, with host, topic, and the number that was found',
  withDiscovery({ announceDelay: 100, lookupDelay: 200 }, async ({ peer, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(0xabcd), announce)
    b.transport.join(topic(0xabcd), lookup)
    await sleep(1_000)
    expect(events.slice(0, 1)).toEqual([{ type: 'announce', time: 100, peer: 'a', topic: '0000abcd' }])
    expect(events.filter(({ type }) => type === 'lookup')).toEqual([
      { type: 'lookup', time: 200, peer: 'b', topic: '0000abcd', found: 1 }
    ])
  })
)

test.each<[DiscoveryOptions, RegExp]>([
  [{ announceDelay: -1 }, /announceDelay must be milliseconds/],
  [{ lookupDelay: { samples: [] } }, /lookupDelay must be milliseconds/],
  [{ ttl: 0 }, /ttl must be milliseconds above 0, got 0/],
  [{ refresh: Number.NaN }, /refresh must be milliseconds above 0/],
  [{ missed: 1.5 }, /missed must be a share from 0 to 1/],
  [{ fakes: 0.5 }, /fakes must be a whole number/],
  [{ limit: -1 }, /limit must be a number of at least 0/]
])('%o is refused', (discovery, message) => {
  expect(() => new MemoryNetwork({ discovery })).toThrow(message)
})
