import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { FaultInjector } from '../src/faults/fault-injector.js'
import { Faults } from '../src/faults/faults.js'
import { Hosts } from '../src/hosts.js'
import { MemoryNetwork, type NetworkEvent, VirtualClock } from '../src/index.js'
import { Links } from '../src/links/links.js'
import { PERFECT } from '../src/links/shape.js'
import { announce, idle, lookup, never, type Peer, peer, stop, topic } from './peers.js'
import { sleep } from './virtual-network.js'

/** Runs a test with two peers of a network. */
async function withPair(run: (a: Peer, b: Peer, network: MemoryNetwork) => Promise<void>): Promise<void> {
  const network = new MemoryNetwork()
  const [a, b] = [peer(network), peer(network)]
  try {
    await run(a, b, network)
  } finally {
    await stop(a, b)
  }
}

test('a partition with reset breaks open links, and dials until it is over', () =>
  withPair(async (a, b, network) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [{ stream }] = await Promise.all([b.host.connection(), a.host.connection()])
    const closed = new Promise<void>((resolve) => stream.once('close', resolve))
    network.partition('memory-1', 'memory-2', { mode: 'reset' })
    await closed

    await expect(b.transport.connect!(a.host.keyPair.publicKey, { signal: never })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      cause: { code: 'HANDSHAKE_FAILED', cause: { code: 'ECONNRESET' } }
    })
    await b.transport.flush(topic(), { signal: never })
    expect(a.host.connections.length).toBe(1)

    network.heal()
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.connections.length).toBe(2)
  }))

test('a partition with hold keeps frames and dials back, in order, until it is over', () =>
  withPair(async (a, b, network) => {
    network.partition('memory-1', 'memory-2', { mode: 'hold' })
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await idle()
    expect(a.host.asked).toEqual([])

    network.heal()
    const [{ stream: near }, { stream: far }] = await Promise.all([a.host.connection(), b.host.connection()])
    const texts: string[] = []
    far.on('data', (data) => texts.push(Buffer.from(data).toString()))
    network.partition('memory-1', 'memory-2', { mode: 'hold' })
    for (const text of ['one', 'two', 'three']) near.write(Buffer.from(text))
    await idle()
    expect(texts).toEqual([])
    network.heal()
    await idle()
    expect(texts).toEqual(['one', 'two', 'three'])
  }))

test('the other end sees a close on a held link when the partition is over', () =>
  withPair(async (a, b, network) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [{ stream: near }, { stream: far }] = await Promise.all([a.host.connection(), b.host.connection()])
    network.partition('memory-1', 'memory-2', { mode: 'hold' })
    near.destroy()
    await idle()
    expect(far.destroyed).toBe(false)
    network.heal()
    await idle()
    expect(far.destroyed).toBe(true)
  }))

test('a link that was given up gets no more listeners when further faults are injected', async () => {
  const clock = new VirtualClock()
  const faults = new Faults(() => links.refresh())
  const links: Links = new Links({
    clock,
    seed: '',
    faults,
    onevent: undefined,
    timeout: 10,
    shape: () => PERFECT
  })
  const hosts = new Hosts('memory')
  const end = links.dial(hosts.add({ name: 'a' }), hosts.add({ name: 'b' }), () => {})
  const injector = new FaultInjector({ clock, seed: '', hosts, faults, links })
  await clock.run(async () => {
    injector.pause('b')
    await sleep(20)
    const before = end.listenerCount('error')
    for (let i = 0; i < 20; i++) {
      injector.pause('b')
      await sleep(20)
    }
    expect(end.destroyed).toBe(true)
    expect(end.listenerCount('error')).toBe(before)
  })
  expect(clock.pending).toBe(0)
})

test('each link can have a shape of its own', async () => {
  const clock = new VirtualClock()
  const events: NetworkEvent[] = []
  const network = new MemoryNetwork({
    clock,
    onevent: (event) => void events.push(event),
    link: (from, _, link) => ({ latency: (from.name === 'a' ? 100 : 200) + link })
  })
  const b = { host: new RecordingHost(), transport: network.transport('b') }
  b.transport.start(b.host)
  const a = network.host({ name: 'a' })
  await clock.run(async () => {
    const ends = [0, 0].map(() => network.dial(b.transport, a))
    network.pause('a')()
    await sleep(1_000)
    for (const end of ends) end.destroy()
    await stop(b)
  })
  const accepts = events.flatMap((event) => (event.type === 'accept' ? [[event.link, event.time]] : []))
  expect(accepts).toEqual([
    [1, 101],
    [2, 102]
  ])
})

test('dial() takes a started transport of the network, and a host of it', async () => {
  const network = new MemoryNetwork()
  const invalid = (message: RegExp) =>
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) })
  expect(() => network.dial({} as never)).toThrow(invalid(/a transport that network.transport\(\) gave/))
  expect(() => network.dial(network.transport())).toThrow(invalid(/was not started/))
  const a = peer(network)
  expect(() => network.dial(a.transport, new MemoryNetwork().host())).toThrow(
    invalid(/not one of this network/)
  )
  expect(() => new MemoryNetwork().dial(a.transport)).toThrow(invalid(/not one of this network/))
  const end = network.dial(a.transport)
  expect(network.links).toBe(1)
  end.destroy()
  await idle()
  expect(network.links).toBe(0)
  await stop(a)
})
