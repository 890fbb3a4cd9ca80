import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { MemoryNetwork } from '../src/index.js'
import { announce, both, idle, lookup, never, type Peer, peers, stop, topic } from './peers.js'
import { dial, inVirtualNetwork, sleep, texts } from './virtual-network.js'

const HOUR = 3_600_000

function flush(peer: Peer): Promise<void> {
  return peer.transport.flush(topic(), { signal: never })
}

/** When each flush was done, by the clock. */
function times(clock: { now(): number }, ...flushes: Promise<void>[]): (number | undefined)[] {
  const done: (number | undefined)[] = flushes.map(() => undefined)
  for (const [i, flushed] of flushes.entries()) void flushed.then(() => (done[i] = clock.now()))
  return done
}

test(
  'while the discovery is down no flush is done, and all peers meet when it is back',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const undo = network.failDiscovery()
    const [a, b] = [peer('a'), peer('b')]
    for (const { transport } of [a, b]) transport.join(topic(), both)
    const done = times(clock, flush(a), flush(b))
    await sleep(24 * HOUR)
    expect([done, a.host.asked, b.host.asked]).toEqual([[undefined, undefined], [], []])
    undo()
    await Promise.all([flush(a), flush(b)])
    expect(done.every((time) => time! >= 24 * HOUR && time! < 24 * HOUR + 1_000)).toBe(true)
    expect([a.host.has(b.host.keyPair.publicKey), b.host.has(a.host.keyPair.publicKey)]).toEqual([true, true])
    expect([a, b].map(({ host }) => host.faults)).toEqual([[], []])
  })
)

test(
  'transports tell that they are offline and online again, once each, whatever faults overlap',
  inVirtualNetwork(async ({ network, peer }) => {
    const early = network.failDiscovery(/^a/)
    const [a, b] = [peer('a'), peer('b')]
    expect([a.host.states, b.host.states]).toEqual([['offline'], ['online']])
    const all = network.unplug(['a', 'b'])
    early()
    network.partition('a', 'b')
    expect([a.host.states, b.host.states]).toEqual([['offline'], ['online', 'offline']])
    all()
    expect([a.host.states, b.host.states]).toEqual([
      ['offline', 'online'],
      ['online', 'offline', 'online']
    ])
    const late = network.failDiscovery()
    network.kill('b')
    await a.transport.suspend!()
    late()
    expect(a.host.states.at(-1)).toBe('offline')
    await a.transport.resume!()
    expect(a.host.states.slice(2)).toEqual(['offline', 'online'])
    expect(b.host.states.slice(3)).toEqual(['offline']) // a dead peer tells nothing
  })
)

test(
  'only the hosts that are meant are offline, and others do find their records',
  inVirtualNetwork(async ({ network, peer }) => {
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    a.transport.join(topic(), announce)
    await flush(a)
    using _ = network.failDiscovery('a')
    for (const { transport } of [b, c]) transport.join(topic(), lookup)
    await Promise.all([flush(b), flush(c)])
    expect([b.host.peers, c.host.peers]).toEqual([[a.host.key], [a.host.key]])
  })
)

test(
  'a flush waits also for an announcement that is stored already, and an abort or a leave ends it',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const a = peer('a')
    a.transport.join(topic(), announce)
    await flush(a)
    network.failDiscovery()
    const controller = new AbortController()
    const aborted = a.transport.flush(topic(), controller)
    const left = flush(a)
    const done = times(clock, left)
    await sleep(HOUR)
    expect(done).toEqual([undefined])
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    a.transport.leave(topic())
    await left
  })
)

test(
  'while the discovery is down open links stay, and a dial by key fails',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    const [atA, atB] = await connect(a, b)
    const read = texts(atB)
    const undo = network.failDiscovery()
    atA.stream.write(Buffer.from('still there'))
    await sleep(HOUR)
    expect(read).toEqual(['still there'])
    expect(await dial(a, b, clock)).toEqual({ took: 0, code: 'opened' })
    expect(await dial(a, c, clock)).toEqual({ took: 0, code: 'CONNECT_FAILED' })
    undo()
    expect(await dial(a, c, clock)).toMatchObject({ code: 'opened' })
  })
)

test(
  'a host that is unplugged loses its links, cannot be dialled, and meets others when it is back',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    const [atA, atB] = await connect(a, b)
    const undo = network.unplug('a')
    expect(await dial(c, a, clock)).toEqual({ took: 10_000, code: 'ETIMEDOUT' })
    atA.stream.write(Buffer.from('into the void'))
    await Promise.all([atA.closed, atB.closed])
    expect(await dial(c, b, clock)).toMatchObject({ code: 'opened' })
    for (const { transport } of [a, b]) transport.join(topic(), both)
    const flushed = flush(a)
    await sleep(HOUR)
    undo()
    await flushed
    expect(a.host.has(b.host.keyPair.publicKey)).toBe(true)
  })
)

test('with the clock of this computer a flush waits likewise', async () => {
  const network = new MemoryNetwork()
  const [a, b] = peers(network, 2) as [Peer, Peer]
  try {
    const undo = network.failDiscovery()
    for (const { transport } of [a, b]) transport.join(topic(), both)
    let flushes = 0
    const all = [a, b].map((each) => flush(each).then(() => flushes++))
    await idle()
    expect(flushes).toBe(0)
    undo()
    await Promise.all(all)
    expect(a.host.peers).toEqual([b.host.key])
  } finally {
    await stop(a, b)
  }
})

test('a name that no host has is refused', () => {
  const network = new MemoryNetwork()
  network.transport('a').start(new RecordingHost())
  expect(() => network.failDiscovery('b')).toThrow(/no host is called 'b'/)
  expect(() => network.unplug('b')).toThrow(/no host is called 'b'/)
})
