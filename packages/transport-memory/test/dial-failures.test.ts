import type { EventEmitter } from 'node:events'
import type { RecordingHost } from '@basestore/conformance'
import type { RawStream } from '@basestore/networker/transport'
import { expect, test } from 'vitest'
import { type DialFault, MemoryNetwork } from '../src/index.js'
import { announce, lookup, never, type Peer, topic } from './peers.js'
import { dial, inVirtualNetwork, sleep } from './virtual-network.js'

test(
  'refused: the error comes after one round trip, with ECONNREFUSED',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    using _ = network.failDials('a', 'b', 'refused')
    expect(await dial(a, b, clock)).toEqual({ code: 'ECONNREFUSED', took: 20 })
    expect(b.host.asked).toEqual([])
  })
)

test(
  'timeout: nothing comes back for 10 s',
  inVirtualNetwork(async ({ network, peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    using _ = network.failDials('a', 'b', 'timeout')
    expect(await dial(a, b, clock)).toEqual({ code: 'ETIMEDOUT', took: 10_000 })
    expect(b.host.asked).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['fault', 'dial', 'lost', 'close'])
  })
)

test(
  'the timeout of the network is the time that a dial takes to fail',
  inVirtualNetwork(
    async ({ network, peer, clock }) => {
      const [a, b] = [peer('a'), peer('b')]
      using _ = network.failDials('a', 'b', 'timeout')
      expect(await dial(a, b, clock)).toEqual({ code: 'ETIMEDOUT', took: 3_000 })
    },
    { timeout: 3_000 }
  )
)

test('a timeout that is not a positive number is refused', () => {
  expect(() => new MemoryNetwork({ timeout: 0 })).toThrow(/timeout must be milliseconds above 0, got 0/)
})

test(
  'silent: the link opens and no frame comes back, until the handshake times out',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    using _ = network.failDials('a', 'b', 'silent')
    expect(await dial(a, b, clock)).toEqual({ code: 'HANDSHAKE_TIMEOUT', took: 10_000 })
    expect(b.host.asked).toEqual([])
    await sleep(1_000)
    expect(network.links).toBe(0)
  })
)

// The dialler's handshake ends with the second message of Noise XX. The other end waits for the third.
test(
  'half-open: the dialler has a stream, the other side never has one, and both notice in the end',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    using _ = network.failDials('a', 'b', 'half-open')
    expect(await dial(a, b, clock)).toEqual({ code: 'opened', took: 20 })
    const { stream } = await a.host.connection()
    stream.write(Buffer.from('is anybody there?'))
    await sleep(9_000)
    expect(b.host.connections).toEqual([])
    expect(stream.destroyed).toBe(false)
    await sleep(2_000)
    expect(stream.destroyed).toBe(true)
    expect(b.host.connections).toEqual([])
    expect(network.links).toBe(0)
  })
)

test(
  'a half-open link opens when the fault is over before an end gives up',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    const undo = network.failDials('a', 'b', 'half-open')
    await dial(a, b, clock)
    const atA = await a.host.connection()
    atA.send('hello')
    await sleep(5_000)
    expect(b.host.connections).toEqual([])
    undo()
    const atB = await b.host.connection()
    await sleep(100)
    atA.send('again')
    await sleep(100)
    expect(atB.texts).toEqual(['hello', 'again'])
  })
)

test(
  'dials fail only in that direction and until the undo, and open links stay open',
  inVirtualNetwork(async ({ network, peer, clock, connect }) => {
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    const [atA] = await connect(a, b)
    const undo = network.failDials('a', /b|c/, 'refused')
    expect(atA.stream.destroyed).toBe(false)
    expect((await dial(a, c, clock)).code).toBe('ECONNREFUSED')
    expect((await dial(c, b, clock)).code).toBe('opened')
    expect((await dial(c, a, clock)).code).toBe('opened')
    c.host.connections.at(-1)!.stream.destroy()
    await sleep(100)
    undo()
    undo()
    expect((await dial(a, c, clock)).code).toBe('opened')
  })
)

test(
  'a fault also applies to hosts that come later, and the later of two faults decides',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const a = peer('a')
    const first = network.failDials('a', /^late/, 'refused')
    const second = network.failDials('a', /^late/, 'timeout')
    const late = peer('late')
    expect((await dial(a, late, clock)).code).toBe('ETIMEDOUT')
    second()
    expect((await dial(a, late, clock)).code).toBe('ECONNREFUSED')
    first()
    expect((await dial(a, late, clock)).code).toBe('opened')
  })
)

test(
  'a flush counts a dial that fails in any way as done',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const ways: DialFault[] = ['refused', 'timeout', 'silent']
    const seeker = peer('seeker')
    for (const how of ways) {
      const found = peer(how)
      found.transport.join(topic(), announce)
      network.failDials('seeker', how, how)
    }
    seeker.transport.join(topic(), lookup)
    await seeker.transport.flush(topic(), { signal: never })
    expect(clock.now()).toBe(10_000)
    expect(seeker.host.connections).toEqual([])
    network.heal()
    await seeker.transport.flush(topic(), { signal: never })
    expect(seeker.host.connections).toHaveLength(3)
  })
)

test(
  'a host has at most so many links, whichever end dials, and refuses others until one closes',
  inVirtualNetwork(async ({ network, peer, clock, connect }) => {
    const hub = peer('hub', { maxLinks: 2 })
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    const [atA] = await connect(a, hub)
    await connect(hub, b)
    expect((await dial(c, hub, clock)).code).toBe('ECONNREFUSED')
    expect((await dial(hub, c, clock)).code).toBe('ECONNREFUSED')
    atA.stream.destroy()
    await sleep(100)
    // Refused dials count among no links, however many come at once.
    const extra = peer('d')
    const both = await Promise.all([dial(c, hub, clock), dial(extra, hub, clock)])
    expect(both.map(({ code }) => code).sort()).toEqual(['ECONNREFUSED', 'opened'])
    expect(network.links).toBe(2)
  })
)

test(
  'a dial that arrives after its dialler gave up counts among no links',
  inVirtualNetwork(
    async ({ network, peer, clock }) => {
      const [a, b, c] = [peer('a'), peer('b', { maxLinks: 1 }), peer('c')]
      const undo = network.pause('a')
      const dialled = dial(a, b, clock)
      await sleep(5_000)
      undo()
      expect((await dialled).code).not.toBe('opened')
      expect((await dial(c, b, clock)).code).toBe('opened')
    },
    { timeout: 3_000 }
  )
)

test(
  'a silent dial ends when its dialler breaks it, though no transport has the other end',
  inVirtualNetwork(async ({ network, peer }) => {
    const [a, b] = [network.host({ name: 'a' }), peer('b')]
    network.failDials('a', 'b', 'silent')
    const end = network.dial(b.transport, a) as unknown as EventEmitter & RawStream
    end.on('error', () => {})
    end.destroy(new Error('enough'))
    await sleep(100)
    expect(network.links).toBe(0)
  })
)

test(
  'nothing is left of an unanswered dial that was aborted',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    network.failDials('a', 'b', 'timeout')
    const controller = new AbortController()
    const dialled = a.transport.connect!(b.host.keyPair.publicKey, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(dialled).rejects.toThrow('enough')
    await sleep(1)
    expect([network.links, clock.pending]).toEqual([0, 0])
  })
)

test(
  'an aborted connect whose turn had not come does not spoil the next one',
  inVirtualNetwork(async ({ network, peer }) => {
    const [a, b] = [peer('a'), peer('b')]
    const silent = Array.from({ length: 8 }, (_, i) => peer(`silent-${i}`))
    network.failDials('a', /^silent/, 'timeout')
    const waits = Promise.allSettled(silent.map(({ host }) => connectTo(a, host)))
    const controller = new AbortController()
    const first = connectTo(a, b.host, controller.signal)
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    await connectTo(a, b.host)
    expect(a.host.peers).toEqual([b.host.key])
    await waits
  })
)

test(
  'a connect resolves when the other side has connected before its turn came',
  inVirtualNetwork(async ({ network, peer, connect }) => {
    const [a, b] = [peer('a'), peer('b')]
    const silent = Array.from({ length: 8 }, (_, i) => peer(`silent-${i}`))
    network.failDials('a', /^silent/, 'timeout')
    const waits = Promise.allSettled(silent.map(({ host }) => connectTo(a, host)))
    const connected = connectTo(a, b.host)
    await connect(b, a)
    await connected
    expect(a.host.peers).toEqual([b.host.key])
    await waits
  })
)

test(
  'a fault of dials does not open a way that a router closes',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, blocked] = [peer('a'), peer('blocked', { nat: 'blocked' })]
    for (const how of ['silent', 'half-open', 'refused'] as const) {
      using _ = network.failDials('a', 'blocked', how)
      expect(await dial(a, blocked, clock)).toEqual({ code: 'ETIMEDOUT', took: 10_000 })
    }
    expect(a.host.connections).toEqual([])
  })
)

test(
  'an unknown way to fail, or a name that no host has, is refused',
  inVirtualNetwork(async ({ network, peer }) => {
    peer('a')
    expect(() => network.failDials('a', 'a', 'never' as DialFault)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' })
    )
    expect(() => network.failDials('a', 'b', 'refused')).toThrow(/no host is called 'b'; there are: a/)
  })
)

function connectTo({ transport }: Peer, { keyPair }: RecordingHost, signal = never): Promise<void> {
  return transport.connect!(keyPair.publicKey, { signal })
}
