import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { announce, both, lookup, never, type Peer, stop, topic } from './peers.js'
import { closing, dial, inVirtualNetwork, meet, sleep, texts } from './virtual-network.js'

test(
  'a killed host falls silent: what it sent is lost, and the others notice after 10 s',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    const [atA, atB] = await connect(a, b)
    const [, atC] = await connect(a, c)
    const [readA, readB] = [texts(atA), texts(atB)]
    atA.stream.write(Buffer.from('on its way'))
    const died = clock.now()
    network.kill('a')
    atA.stream.write(Buffer.from('too late'))
    atB.stream.write(Buffer.from('are you there?'))
    await sleep(1)
    expect(network.inFlight()).toEqual([])
    const closed = await Promise.all([atB, atC].map((end) => closing(end, clock)))
    expect(closed).toEqual([died + 10_000, died + 10_000])
    expect([readA, readB]).toEqual([[], []])
    expect(atA.stream.destroyed).toBe(false)
    expect(network.links).toBe(0)
  })
)

test(
  'neither a rule nor a listener of events sees what a dead host does in this process',
  inVirtualNetwork(async ({ network, peer, connect, events }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    const seen = new Set<string>()
    network.rule(({ from }) => {
      seen.add(from)
      return undefined
    })
    network.kill('a')
    for (const { stream } of [atA, atB]) stream.write(Buffer.from('hello?'))
    await sleep(100)
    atA.stream.destroy()
    await sleep(9_000)
    expect(atB.stream.destroyed).toBe(false)
    await sleep(1_000)
    expect([...seen]).toEqual(['b'])
    expect(events.filter(({ type }) => type === 'close')).toMatchObject([{ by: 'b' }])
  })
)

test(
  "mode 'reset': the others notice at once, and the dead host notices nothing",
  inVirtualNetwork(async ({ network, peer, connect, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    const [atA, atB] = await connect(a, b)
    const died = clock.now()
    network.kill('a', { mode: 'reset' })
    expect(await closing(atB, clock)).toBe(died)
    await sleep(60_000)
    expect(atA.stream.destroyed).toBe(false)
    expect(network.links).toBe(0)
    expect(events.filter(({ type }) => type === 'fault')).toMatchObject([{ kind: 'kill reset', who: 'a' }])
    expect(() => network.kill('b', { mode: 'softly' as 'reset' })).toThrow(/mode must be silent or reset/)
  })
)

test(
  "mode 'reset': peers behind a partition notice when they give up",
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [, atB] = await connect(peer('a'), peer('b'))
    network.partition('a', 'b', { mode: 'hold' })
    const died = clock.now()
    network.kill('a', { mode: 'reset' })
    expect(await closing(atB, clock)).toBe(died + 10_000)
  })
)

test(
  'a dead peer is found still, and dials to it time out, also after its transport was stopped',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(), announce)
    network.kill('a')
    await stop(a)
    b.transport.join(topic(), lookup)
    await b.transport.flush(topic(), { signal: never })
    expect(clock.now()).toBe(10_000)
    expect(b.host.asked).toEqual([a.host.key])
    expect((await dial(b, a, clock)).code).toBe('ETIMEDOUT')
  })
)

test(
  'a dead peer does not find, dial or announce, and its flush never ends',
  inVirtualNetwork(
    async ({ network, peer, events }) => {
      const [a, b] = [peer('a'), peer('b')]
      a.transport.join(topic(1), both)
      b.transport.join(topic(1), announce)
      let flushed = false
      const flush = a.transport.flush(topic(1), { signal: never }).then(() => {
        flushed = true
      })
      network.kill('a')
      const before = events.length
      b.transport.join(topic(2), both)
      a.transport.join(topic(2), both)
      await sleep(60_000)
      expect(events.slice(before).filter((event) => 'peer' in event && event.peer === 'a')).toEqual([])
      expect([a.host.connections, flushed]).toEqual([[], false])
      await a.transport.stop()
      await flush
    },
    { discovery: { announceDelay: 1_000, lookupDelay: 1_000 } }
  )
)

test(
  'a host of the same name comes afterwards, with the same key or another, and is found in place of the dead one',
  inVirtualNetwork(async ({ network, peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    await meet(a, b)
    expect(() => network.host({ name: 'a' })).toThrow(/there is a host called a already/)
    network.kill('a', { mode: 'reset' })
    const old = clock.now()
    const again = peer('a', {}, new RecordingHost({ keyPair: a.host.keyPair }))
    again.transport.join(topic(), announce)
    await again.transport.flush(topic(), { signal: never })
    await b.transport.flush(topic(), { signal: never })
    await again.host.connection()
    expect(b.host.peers).toEqual([a.host.key, a.host.key])
    expect(again.host.peers).toEqual([b.host.key])
    expect(clock.now() - old).toBeLessThan(100)
    expect(again.host.connections[0]!.info.remoteAddress).toBe('b:1')
    expect(events.filter(({ type }) => type === 'lookup').at(-1)).toMatchObject({ peer: 'b', found: 1 })
  })
)

test(
  'the record of a dead peer leads to the peer that has its key by now, though that one does not announce',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    a.transport.join(topic(), announce)
    network.kill('a')
    peer('a', {}, new RecordingHost({ keyPair: a.host.keyPair }))
    b.transport.join(topic(), lookup)
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.peers).toEqual([a.host.key])
    expect(clock.now()).toBeLessThan(100)
  })
)

test(
  'a dial that had yet to arrive when its peer died leaves no link',
  inVirtualNetwork(async ({ network, peer, connect }) => {
    const [a, b] = [peer('a'), peer('b')]
    network.partition('a', 'b')
    void connect(a, b).catch(() => undefined)
    await sleep(5)
    expect(network.links).toBe(1)
    network.kill('a', { mode: 'reset' })
    expect(network.links).toBe(0)
  })
)

test(
  'a link that both ends close at once leaves nothing on its way',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const before = clock.pending
    const ends = await connect(peer('a'), peer('b'))
    for (const { stream } of ends) stream.destroy()
    const closed = clock.now()
    await Promise.all(ends.map((end) => closing(end, clock)))
    expect(clock.now()).toBe(closed)
    expect(network.links).toBe(0)
    expect(clock.pending).toBe(before)
  })
)

test(
  'a dead peer dials nobody',
  inVirtualNetwork(async ({ network, peer, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    network.kill('a')
    const dialled = a.transport.connect!(b.host.keyPair.publicKey, { signal: never })
    await expect(dialled).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    expect(events.filter(({ type }) => type === 'dial')).toEqual([])
  })
)

test(
  'a host that is given no name takes one that is free',
  inVirtualNetwork(async ({ network }) => {
    for (const name of ['memory-1', 'memory-3']) network.host({ name })
    expect([network.host().name, network.host().name]).toEqual(['memory-2', 'memory-4'])
  })
)

test(
  'a killed host takes no new transport, and is refused as a selector',
  inVirtualNetwork(async ({ network }) => {
    const host = network.host({ name: 'a' })
    network.kill(host)
    expect(() => network.transport(host)).toThrow(/the host a was killed; make another one/)
    network.host({ name: 'a' })
    expect(() => network.partition(host, 'a')).toThrow(/made anew/)
  })
)

test(
  'pause: frames from and to the host wait, and go on in order',
  inVirtualNetwork(async ({ network, peer, connect }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    const [readA, readB] = [texts(atA), texts(atB)]
    {
      using _ = network.pause('a')
      atA.stream.write(Buffer.from('from a'))
      atB.stream.write(Buffer.from('from b'))
      await sleep(9_000)
      expect([readA, readB]).toEqual([[], []])
    }
    await sleep(100)
    expect([readA, readB]).toEqual([['from b'], ['from a']])
  })
)

test(
  'pause: the others give up after 10 s, and the host notices when it goes on',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [a, b] = [peer('a'), peer('b')]
    const [atA, atB] = await connect(a, b)
    const began = clock.now()
    const undo = network.pause('a')
    expect(await closing(atB, clock)).toBe(began + 10_000)
    expect(await dial(b, a, clock)).toEqual({ code: 'ETIMEDOUT', took: 10_000 })
    await sleep(3_600_000)
    expect(atA.stream.destroyed).toBe(false)
    undo()
    await closing(atA, clock)
    expect((await dial(b, a, clock)).code).toBe('opened')
    await sleep(100)
    expect(network.links).toBe(1)
  })
)

test(
  'two paused hosts do not give up on each other before one of them goes on',
  inVirtualNetwork(async ({ network, peer, connect, clock }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    const [undoA] = [network.pause('a'), network.pause('b')]
    await sleep(3_600_000)
    expect([atA.stream.destroyed, atB.stream.destroyed]).toEqual([false, false])
    const began = clock.now()
    undoA()
    expect(await closing(atA, clock)).toBe(began + 10_000)
    expect(atB.stream.destroyed).toBe(false)
    network.heal()
    await closing(atB, clock)
  })
)

test(
  'pause: a lookup gets its answer, and an announcement is stored, when the host goes on',
  inVirtualNetwork(
    async ({ network, peer, clock }) => {
      const [a, b]: Peer[] = [peer('a'), peer('b')]
      b!.transport.join(topic(), announce)
      const undo = network.pause('a')
      a!.transport.join(topic(), both)
      const flush = a!.transport.flush(topic(), { signal: never })
      await sleep(60_000)
      expect(a!.host.asked).toEqual([])
      undo()
      await flush
      expect(a!.host.peers).toEqual([b!.host.key])
      expect(clock.now()).toBeLessThan(62_000)
    },
    { discovery: { announceDelay: 500, lookupDelay: 500 } }
  )
)
