import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { FaultInjector } from '../src/faults/fault-injector.js'
import { Faults } from '../src/faults/faults.js'
import { Hosts } from '../src/hosts.js'
import { MemoryNetwork, type NetworkEvent, VirtualClock } from '../src/index.js'
import type { Link } from '../src/links/link.js'
import type { LinkEnd } from '../src/links/link-end.js'
import { Links } from '../src/links/links.js'
import { toFullShape } from '../src/links/shape.js'
import { both, never, type Peer, stop, topic } from './peers.js'
import { dial, inVirtualNetwork, sleep } from './virtual-network.js'

/** The events of a minute in a network with a bit of everything. */
async function story(seed: number, extra = false): Promise<NetworkEvent[]> {
  const clock = new VirtualClock()
  const events: NetworkEvent[] = []
  const network = new MemoryNetwork({
    seed,
    clock,
    onevent: (event) => void events.push(event),
    link: { latency: { exponential: { floor: 5, mean: 20 } } },
    discovery: {
      announceDelay: { uniform: [0, 500] },
      lookupDelay: 100,
      missed: 0.2,
      fakes: 1,
      refresh: 9_000
    }
  })
  const all: Peer[] = []
  const peer = (name: string) => {
    const transport = network.transport(name)
    const host = new RecordingHost()
    transport.start(host)
    all.push({ transport, host })
    return transport
  }
  await clock.run(async () => {
    const peers = Array.from({ length: 6 }, (_, i) => peer(`p${i}`))
    if (extra) peer('bystander').join(topic(2), both)
    for (const transport of peers) transport.join(topic(), both)
    const chatting = setInterval(() => {
      for (const { host } of all) {
        for (const { stream } of host.connections) if (!stream.destroying) stream.write(Buffer.from('chat'))
      }
    }, 400)
    await Promise.all(peers.map((transport) => transport.flush(topic(), { signal: never })))
    network.rule(({ size }, chance) => (size < 60 && chance(0.1) ? { delay: 50 } : undefined))
    const split = network.split('random')
    await sleep(12_000)
    split()
    network.corrupt('p0', 'p1', { share: 0.3 })
    await sleep(5_000)
    const down = network.failDiscovery(/p[0-2]/)
    network.kill('p5')
    using _ = network.pause('p4')
    await sleep(15_000)
    down()
    await sleep(15_000)
    clearInterval(chatting)
    network.heal()
    await stop(...all)
  })
  return events
}

test('the same seed gives the same events, another seed others', async () => {
  const events = await story(1)
  expect(await story(1)).toEqual(events)
  expect(await story(2)).not.toEqual(events)
  expect(new Set(events.map(({ type }) => type)).size).toBe(8)
  expect(events.length).toBeGreaterThan(500)
})

/** Events of these hosts, without the numbers of links, which depend on the other hosts. */
function unnumbered(events: NetworkEvent[], who: RegExp): object[] {
  return events
    .filter((event) => {
      const names = ['from', 'to', 'peer'].flatMap(
        (key) => (event as unknown as Record<string, string>)[key] ?? []
      )
      return names.length > 0 && names.every((name) => who.test(name))
    })
    .map((event) => ({ ...event, link: 0 }))
}

// There is no split in this minute: one more host changes which ones it picks.
async function chances(strangers: number): Promise<object[]> {
  const clock = new VirtualClock()
  const events: NetworkEvent[] = []
  const network = new MemoryNetwork({
    clock,
    onevent: (event) => void events.push(event),
    link: { latency: { uniform: [10, 90] } },
    discovery: { announceDelay: { uniform: [0, 500] }, missed: 0.3, refresh: 5_000 }
  })
  const join = (name: string, n: number): Peer => {
    const transport = network.transport(name)
    const host = new RecordingHost()
    transport.start(host)
    transport.join(topic(n), both)
    return { transport, host }
  }
  await clock.run(async () => {
    network.rule((_, chance) => (chance(0.2) ? { delay: 30 } : undefined))
    const others = Array.from({ length: strangers }, (_, i) => join(`stranger-${i}`, 2))
    const all = ['a', 'b', 'c'].map((name) => join(name, 1))
    await sleep(20_000)
    network.heal()
    await stop(...all, ...others)
  })
  return unnumbered(events, /^[abc]$/)
}

// With one bit turned, some Noise keys are valid still, and most are not. No seed decides the keys.
test(
  'the result of a corrupt handshake does not depend on keys',
  inVirtualNetwork(async ({ network, peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    network.corrupt('a', 'b', { oneWay: true })
    const codes = new Set<string>()
    for (let i = 0; i < 50; i++) codes.add((await dial(a, b, clock)).code)
    expect(codes.size).toBe(1)
    const answers = events.filter((event) => event.type === 'frame' && event.from === 'b')
    expect(answers).toHaveLength(50)
  })
)

test('further peers do not shift the chances of the others', async () => {
  const alone = await chances(0)
  expect(alone.length).toBeGreaterThan(30)
  expect(await chances(3)).toEqual(alone)
})

/** The times at which fifty frames of one direction of a link arrive. */
async function latencies(with_: 'nothing' | 'answers' | 'corruption'): Promise<number[]> {
  const clock = new VirtualClock()
  const times: number[] = []
  const onevent = (event: NetworkEvent) => {
    if (event.type === 'frame' && event.from === 'a') times.push(event.time)
  }
  const faults = new Faults(() => {})
  const shape = toFullShape({ latency: { uniform: [10, 90] } })
  const links = new Links({ clock, seed: '', faults, onevent, timeout: 10_000, shape: () => shape })
  const hosts = new Hosts('memory')
  const [a, b] = [hosts.add({ name: 'a' }), hosts.add({ name: 'b' })]
  const injector = new FaultInjector({ clock, seed: '', hosts, faults, links })
  await clock.run(async () => {
    const far = new Promise<LinkEnd>((resolve) => links.dial(a, b, resolve))
    const [{ dialler }] = [...links] as [Link]
    if (with_ === 'corruption') injector.corrupt('a', 'b', { share: 0.5 })
    const acceptor = await far
    for (let i = 0; i < 50; i++) {
      dialler.write(Buffer.from('there'))
      if (with_ === 'answers') acceptor.write(Buffer.from('back'))
      await sleep(100)
    }
  })
  return times
}

test('neither frames of the other direction nor a rule shift the latencies of a direction', async () => {
  const alone = await latencies('nothing')
  expect(new Set(alone).size).toBe(50)
  expect(await latencies('answers')).toEqual(alone)
  expect(await latencies('corruption')).toEqual(alone)
})
