import { describe, expect, it, vi } from 'vitest'
import { Networker, type NoiseStream, type Peer } from '../src/index.js'
import { deferred, FakeTransport, fakeStore, link, newKeyPair, next, Remote } from './support.js'

/** Two networkers with the same transports; `greater` has the greater public key, and chooses. */
async function couple(...names: string[]) {
  const keyPairs = [newKeyPair(), newKeyPair()].sort((a, b) => Buffer.compare(b.publicKey, a.publicKey))
  const [greater, lesser] = keyPairs.map((keyPair) => {
    const transports = names.map((name) => new FakeTransport(name))
    const networker = new Networker(fakeStore(), { transports, keyPair })
    const events: string[] = []
    networker.on('peer-add', () => events.push('add'))
    networker.on('peer-remove', () => events.push('remove'))
    networker.on('peer-stream', ({ type }) => events.push(`stream ${type}`))
    const text = networker.registerExtension('text', { encoding: 'utf8', onmessage: (m) => events.push(m) })
    return { networker, transports, events, text, peer: () => [...networker.peers][0] as Peer }
  }) as Side[] as [Side, Side]
  await Promise.all([greater.networker.listen(), lesser.networker.listen()])
  return {
    greater,
    lesser,
    link: (i: number) => link(greater.transports[i]!, lesser.transports[i]!),
    async [Symbol.asyncDispose]() {
      await Promise.all([greater.networker.close(), lesser.networker.close()])
    }
  }
}

interface Side {
  networker: Networker
  transports: FakeTransport[]
  events: string[]
  text: { send(message: string, peer: Peer): boolean }
  peer(): Peer
}

const closed = async (stream: NoiseStream) => void (stream.destroyed || (await next(stream, 'close')))

describe('two streams to one peer', () => {
  it('over one transport: the newer carries it, the older is ended, and the peer stays', async () => {
    await using pair = await couple('a')
    const { greater, lesser } = pair
    const older = await pair.link(0)
    const peers = [greater.peer(), lesser.peer()]
    const newer = await pair.link(0)
    await Promise.all(older.map(closed))
    expect([greater.peer(), lesser.peer()]).toEqual(peers)
    expect([greater.peer().stream, lesser.peer().stream]).toEqual(newer)
    expect(greater.events).toEqual(['add', 'stream a'])
    expect(lesser.events).toEqual(['add', 'stream a'])
    expect([...lesser.networker.streams]).toEqual([newer[1]])
  })

  it('over two transports: the one listed first carries it, whichever came first', async () => {
    for (const order of [
      [0, 1],
      [1, 0]
    ]) {
      await using pair = await couple('preferred', 'other')
      const streams: Record<number, [NoiseStream, NoiseStream]> = {}
      for (const i of order) streams[i] = await pair.link(i)
      await Promise.all(streams[1]!.map(closed))
      for (const [i, side] of [pair.greater, pair.lesser].entries()) {
        expect(side.peer().stream).toBe(streams[0]![i])
        expect(side.peer().type).toBe('preferred')
        expect(side.events).toEqual(order[0] === 0 ? ['add'] : ['add', 'stream preferred'])
      }
    }
  })

  it('dialled at once from both ends leave exactly one, every time', async () => {
    for (let round = 0; round < 25; round++) {
      await using pair = await couple('a')
      await Promise.all([pair.link(0), pair.link(0), pair.link(0)])
      for (const { networker, peer } of [pair.greater, pair.lesser]) {
        while (networker.streams.size > 1) await Promise.race([...networker.streams].map(closed))
        expect([...networker.streams]).toEqual([peer().stream])
      }
      expect(pair.greater.peer().stream.handshakeHash).toEqual(pair.lesser.peer().stream.handshakeHash)
    }
  })

  it('lose no message that was in flight on the one that is ended', async () => {
    await using pair = await couple('a')
    const { greater, lesser } = pair
    const older = await pair.link(0)
    const expected = Array.from({ length: 200 }, (_, i) => `${i}`)
    for (const message of expected.slice(0, 100)) {
      greater.text.send(message, greater.peer())
      lesser.text.send(message, lesser.peer())
    }
    const newer = pair.link(0)
    for (const message of expected.slice(100)) {
      greater.text.send(message, greater.peer())
      lesser.text.send(message, lesser.peer())
    }
    await newer
    await Promise.all(older.map(closed))
    for (const { events } of [greater, lesser]) {
      expect(events.filter((e) => /^\d+$/.test(e))).toEqual(expected)
    }
  })

  it('end one at a time: the loser is read until the remote ends, and destroyed after five seconds', async () => {
    const [ours, remote] = [newKeyPair(), newKeyPair()].sort((a, b) =>
      Buffer.compare(b.publicKey, a.publicKey)
    )
    const transport = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [transport], keyPair: ours! })
    await networker.listen()
    const program = new Remote()
    const [older, theirOlder] = await transport.handOverSilent(remote)
    program.attach(theirOlder)
    const [newer, theirNewer] = await transport.handOverSilent(remote)
    theirOlder.end = () => theirOlder // a remote that never ends its side
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const ended = next(theirOlder, 'end')
      const there = program.attach(theirNewer, { onuse: (n) => there.use(n) })
      await ended
      expect([...networker.peers][0]!.stream).toBe(newer)
      await vi.advanceTimersByTimeAsync(4_999)
      expect(older.destroying).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(older.destroying).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('are not ended by an answer to an older choice, only by that to the latest', async () => {
    const [ours, remote] = [newKeyPair(), newKeyPair()].sort((a, b) =>
      Buffer.compare(b.publicKey, a.publicKey)
    )
    const transport = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [transport], keyPair: ours! })
    await networker.listen()
    const program = new Remote()
    const arrived = async () => {
      const [ours, theirs] = await transport.handOverSilent(remote)
      const end = vi.spyOn(ours, 'end')
      let onuse: (n: number) => void = () => {}
      const used = new Promise<number>((resolve) => {
        onuse = resolve
      })
      const there = program.attach(theirs, { onuse: (n) => onuse(n) })
      return { theirs, there, used, end }
    }
    await arrived() // a single stream needs no choice
    const first = await arrived()
    const firstChoice = await first.used
    const second = await arrived()
    const secondChoice = await second.used
    expect(secondChoice).toBeGreaterThan(firstChoice)
    const ended = next(first.theirs, 'end')
    first.there.use(firstChoice)
    // Later messages on the same stream are read after it.
    const heard = new Promise<unknown>((onmessage) => networker.registerExtension('after', { onmessage }))
    program.extensions.register('after').broadcast(Buffer.from('it'))
    await heard
    expect(first.end).not.toHaveBeenCalled()
    const [silent] = await transport.handOverSilent(remote) // it is chosen if the remote opens our channel
    const silentEnd = vi.spyOn(silent, 'end')
    second.there.use(secondChoice)
    await ended
    expect(second.end).not.toHaveBeenCalled()
    expect(silentEnd).not.toHaveBeenCalled()
  })

  it('are chosen among again when the chosen one is lost before the answer', async () => {
    const [ours, remote] = [newKeyPair(), newKeyPair()].sort((a, b) =>
      Buffer.compare(b.publicKey, a.publicKey)
    )
    const transport = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [transport], keyPair: ours! })
    await networker.listen()
    const program = new Remote()
    const heard: string[] = []
    let onheard = () => {}
    const streams: NoiseStream[] = []
    for (const name of ['a', 'b', 'c']) {
      const [stream, theirs] = await transport.handOverSilent(remote)
      streams.push(stream)
      const chosen = new Promise<void>((resolve) => {
        onheard = resolve
      })
      program.attach(theirs, {
        onhello: () => name === 'a' && onheard(), // a single stream needs no choice
        onuse: (n) => {
          heard.push(`${name} ${n}`)
          onheard()
        }
      })
      await chosen
    }
    const again = new Promise<void>((resolve) => {
      onheard = resolve
    })
    streams[2]!.destroy()
    await again
    expect(heard).toEqual(['b 1', 'c 2', 'b 3'])
    expect([...networker.peers][0]!.stream).toBe(streams[1])
  })

  it('are followed by the side with the lesser key, to the highest choice, and it ends none', async () => {
    const [remote, ours] = [newKeyPair(), newKeyPair()].sort((a, b) =>
      Buffer.compare(b.publicKey, a.publicKey)
    )
    const transport = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [transport], keyPair: ours! })
    await networker.listen()
    const program = new Remote()
    const [older, theirOlder] = await transport.handOverSilent(remote)
    const [newer, theirNewer] = await transport.handOverSilent(remote)
    const answers: number[] = []
    const viaOlder = program.attach(theirOlder, { onuse: (n) => answers.push(n) })
    const viaNewer = program.attach(theirNewer, { onuse: (n) => answers.push(n) })
    const carried = next(networker, 'peer-stream')
    viaNewer.use(7)
    await carried
    const [peer] = networker.peers
    expect(peer!.stream).toBe(newer)
    viaOlder.use(6)
    const heard = new Promise<unknown>((onmessage) => networker.registerExtension('after', { onmessage }))
    program.extensions.register('after').broadcast(Buffer.from('it'))
    await heard
    expect(peer!.stream).toBe(newer)
    expect([older.destroying, newer.destroying]).toEqual([false, false])
    expect(answers).toEqual([7])
  })

  it('go on both, the newest first, with a remote that does not know our channel', async () => {
    const transport = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [transport] })
    await networker.listen()
    const remote = newKeyPair()
    const streams: NoiseStream[] = []
    const changed = next(networker, 'peer-stream')
    for (let i = 0; i < 2; i++) {
      const [ours] = await transport.handOver(remote)
      streams.push(ours)
    }
    await changed
    expect([...networker.peers][0]!.stream).toBe(streams[1])
    expect([...networker.streams]).toEqual(streams)
    expect(streams.map(({ destroying }) => destroying)).toEqual([false, false])
  })
})

describe('a stream that is replaced within one tick', () => {
  it('is a change of stream, and no removal', async () => {
    await using pair = await couple('a')
    const { greater, lesser } = pair
    const older = await pair.link(0)
    const newer = await import('./support.js').then(({ noisePair }) =>
      noisePair(greater.networker.keyPair as never, lesser.networker.keyPair as never)
    )
    const [events, streams] = [greater.events, greater.networker.streams]
    const later = (handOver: () => void) => process.nextTick(() => Promise.resolve().then(handOver))
    for (const [i, side] of [greater, lesser].entries()) {
      const handOver = () => side.transports[0]!.host.connected(newer[i]!, { type: 'a' })
      older[i]!.once('close', () => later(handOver))
    }
    const changed = Promise.all([
      next(greater.networker, 'peer-stream'),
      next(lesser.networker, 'peer-stream')
    ])
    older[0].destroy()
    older[1].destroy()
    expect((await changed).map(([, previous]) => previous)).toEqual(older)
    expect(events).toEqual(['add', 'stream a'])
    expect([...streams]).toEqual([newer[0]])
    expect(greater.peer().bytesRead).toBeGreaterThanOrEqual(older[0].rawBytesRead)
  })
})

/** Has a side wait for the other to reach it: it does not remove the peer for two seconds. */
function waits({ transports }: Side): void {
  for (const transport of transports) Object.assign(transport, { connect: () => new Promise(() => {}) })
}

describe('failover', () => {
  it('asks the other transports that ever handed the peer over, before the peer is removed', async () => {
    await using pair = await couple('preferred', 'other')
    const { greater } = pair
    const dialled: string[] = []
    for (const transport of greater.transports) {
      const connect = async () => {
        dialled.push(transport.name)
        await pair.link(greater.transports.indexOf(transport))
      }
      Object.assign(transport, { connect })
    }
    const other = await pair.link(1)
    const preferred = await pair.link(0)
    await Promise.all(other.map(closed))
    greater.events.length = 0
    const changed = next(greater.networker, 'peer-stream')
    preferred[0].destroy()
    preferred[1].destroy()
    await changed
    expect(dialled).toEqual(['other'])
    expect(greater.peer().type).toBe('other')
    expect(greater.events).toEqual(['stream other'])
    expect(greater.transports[0]!.host.wants(greater.peer().remotePublicKey)).toBe(true)
  })

  it('tries again while the remote refuses, which may not have noticed the loss yet', async () => {
    await using pair = await couple('preferred', 'other')
    const { greater, lesser } = pair
    waits(lesser)
    let attempts = 0
    Object.assign(greater.transports[1]!, {
      connect: async () => {
        if (++attempts < 3) throw new Error('refused')
        await pair.link(1)
      }
    })
    const other = await pair.link(1)
    const preferred = await pair.link(0)
    await Promise.all(other.map(closed))
    greater.events.length = 0
    const changed = next(greater.networker, 'peer-stream')
    for (const stream of preferred) stream.destroy()
    await changed
    expect(attempts).toBe(3)
    expect(greater.events).toEqual(['stream other'])
  })

  it('is not cut short by an earlier one that ends in vain', async () => {
    await using pair = await couple('a', 'b')
    const { greater, lesser } = pair
    waits(lesser)
    const attempts: { name: string; settle: ReturnType<typeof deferred<void>> }[] = []
    const begun = [deferred(), deferred()]
    for (const transport of greater.transports) {
      Object.assign(transport, {
        connect: () => {
          const settle = deferred()
          begun[attempts.push({ name: transport.name, settle }) - 1]!.resolve()
          return settle.promise
        }
      })
    }
    const onB = await pair.link(1)
    const onA = await pair.link(0)
    await Promise.all(onB.map(closed))
    for (const stream of onA) stream.destroy()
    await begun[0]!.promise
    for (const stream of await pair.link(1)) stream.destroy()
    await begun[1]!.promise
    expect(attempts.map(({ name }) => name)).toEqual(['b', 'a'])
    attempts[0]!.settle.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    await pair.link(0)
    attempts[1]!.settle.resolve()
    expect(greater.events).toEqual(['add', 'stream a', 'stream b', 'stream a'])
  })

  it('gives up after two seconds, and then removes the peer', async () => {
    await using pair = await couple('preferred', 'other')
    const { greater } = pair
    const signals: AbortSignal[] = []
    Object.assign(greater.transports[1]!, {
      connect: (_: Uint8Array, { signal }: { signal: AbortSignal }) => {
        signals.push(signal)
        return new Promise(() => {})
      }
    })
    const streams = await Promise.all([pair.link(1), pair.link(0)])
    const removed = next(greater.networker, 'peer-remove')
    const start = performance.now()
    for (const stream of streams.flat()) stream.destroy()
    await removed
    const took = performance.now() - start
    expect(signals).toHaveLength(1)
    expect(took).toBeGreaterThan(1_900)
    expect(took).toBeLessThan(4_000)
    expect(greater.networker.peers.size).toBe(0)
  })

  it('asks also a transport that never reached the peer, since a preferred one kept it from trying', async () => {
    await using pair = await couple('preferred', 'other')
    const { greater } = pair
    Object.assign(greater.transports[1]!, { connect: () => pair.link(1) })
    const preferred = await pair.link(0)
    const changed = next(greater.networker, 'peer-stream')
    for (const stream of preferred) stream.destroy()
    await changed
    expect(greater.events).toEqual(['add', 'stream other'])
  })

  it('removes at once where no other transport dials by key', async () => {
    await using pair = await couple('preferred', 'other')
    const { greater } = pair
    const connect = vi.fn()
    Object.assign(greater.transports[0]!, { connect })
    const [ours] = await pair.link(0)
    const removed = next(greater.networker, 'peer-remove')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // a wait of two seconds would hang
    try {
      ours.destroy()
      await removed
    } finally {
      vi.useRealTimers()
    }
    expect(connect).not.toHaveBeenCalled()
  })
})
