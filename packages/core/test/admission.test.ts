import type { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { Networker, type NetworkerOptions, type Peer } from '../src/index.js'
import { deferred, FakeTransport, fakeStore, newKeyPair, next, noisePair, Remote } from './support.js'

async function listening(options: Partial<NetworkerOptions> = {}, store = fakeStore()) {
  const transport = new FakeTransport()
  const networker = new Networker(store, { transports: [transport], warn: false, ...options })
  await networker.listen()
  return { networker, transport, store }
}

describe('a stream that is handed over', () => {
  it('becomes a peer in that tick, and is replicated', async () => {
    const { networker, transport, store } = await listening()
    await using _ = networker
    const keyPair = newKeyPair()
    const [ours] = await transport.handOver(keyPair, { type: 'udx', remoteAddress: '127.0.0.1:7' })
    const [peer] = networker.peers as Set<Peer>
    expect(peer).toMatchObject({ type: 'udx', remoteAddress: '127.0.0.1:7', stream: ours })
    expect(peer!.remotePublicKey).toEqual(keyPair.publicKey)
    expect(store.replicated).toEqual([ours])
    expect([...networker.streams]).toEqual([ours])
    expect(ours.keepAlive).toBe(5000)
    expect(peer!.bytesWritten).toBeGreaterThan(0)
  })

  it('comes by way of a host whose methods need no this', async () => {
    const { networker, transport } = await listening()
    await using _ = networker
    const { wants, connected, fault } = transport.host
    const keyPair = newKeyPair()
    expect(wants(keyPair.publicKey)).toBe(true)
    const [ours, theirs] = await noisePair(transport.host.keyPair as ReturnType<typeof newKeyPair>, keyPair)
    const added = next(networker, 'peer-add')
    connected(ours, { type: 'fake' })
    new Remote().attach(theirs)
    await added
    const told = next(networker, 'fault')
    const error = new Error('trouble')
    await Promise.reject(error).catch(fault)
    expect(await told).toEqual([error])
    theirs.destroy()
  })

  it('raises no fault when it has closed on the way', async () => {
    const { networker, transport } = await listening()
    await using _ = networker
    const faults: unknown[] = []
    networker.on('fault', (error) => faults.push(error))
    const [ours, theirs] = await noisePair(transport.host.keyPair as ReturnType<typeof newKeyPair>)
    theirs.destroy()
    ours.destroy()
    transport.host.connected(ours, { type: 'fake' })
    expect([faults.length, networker.peers.size]).toEqual([0, 0])
  })

  it('does not end the process when the remote resets it', async () => {
    const { networker, transport } = await listening()
    await using _ = networker
    const [ours] = await transport.handOver()
    const removed = next(networker, 'peer-remove')
    ours.destroy(new Error('ECONNRESET'))
    await removed
    expect(networker.peers.size).toBe(0)
  })

  it('is destroyed, with a fault, when the store was closed under us', async () => {
    const store = fakeStore()
    const { networker, transport } = await listening({}, store)
    store.replicate = () => {
      throw new Error('Corestore is closed')
    }
    const fault = next(networker, 'fault')
    const [ours] = await transport.handOver()
    expect(await fault).toEqual([new Error('Corestore is closed')])
    expect(ours.destroying).toBe(true)
    await networker.close()
  })
})

describe('a stream that somebody else has attached', () => {
  it('is left to them, and a fault tells', async () => {
    const { networker, transport, store } = await listening()
    const { Extensions } = await import('@basestore/extensions')
    const [ours, theirs] = await noisePair(transport.host.keyPair as ReturnType<typeof newKeyPair>)
    new Extensions<object>().attach(ours, {})
    const fault = next(networker, 'fault')
    transport.host.connected(ours, { type: 'fake' })
    expect((await fault)[0]).toMatchObject({ code: 'INVALID_OPTION', message: /attached/ })
    expect([networker.peers.size, networker.streams.size, store.replicated.length]).toEqual([0, 0, 0])
    expect(ours.destroying).toBe(false)
    await networker.close()
    theirs.destroy()
  })
})

describe('the contract of a transport', () => {
  it.each<[string, RegExp, (transport: FakeTransport) => Promise<unknown>]>([
    [
      'a stream with another key than ours',
      /pass host.keyPair to secure/,
      async ({ host }) => {
        const [stream] = await noisePair()
        host.connected(stream, { type: 'fake' })
        return stream
      }
    ],
    [
      'a stream that is not open',
      /not open yet; await secure/,
      async ({ host }) => {
        const { default: NoiseSecretStream } = await import('@hyperswarm/secret-stream')
        const stream = new NoiseSecretStream(true, undefined, { keyPair: newKeyPair() })
        host.connected(stream as never, { type: 'fake' })
        return stream
      }
    ],
    [
      'ourselves',
      /ask host.wants\(key\)/,
      async ({ host }) => {
        const keyPair = host.keyPair as ReturnType<typeof newKeyPair>
        const [stream] = await noisePair(keyPair)
        Object.defineProperty(stream, 'remotePublicKey', { value: keyPair.publicKey })
        host.connected(stream, { type: 'fake' })
        return stream
      }
    ],
    [
      'one stream twice',
      /twice/,
      async (transport) => {
        const [stream] = await transport.handOver()
        transport.host.connected(stream, { type: 'fake' })
        return stream
      }
    ]
  ])(
    'is guarded against %s: the stream is destroyed and a fault names the transport',
    async (_, why, breach) => {
      const { networker, transport } = await listening()
      const fault = next(networker, 'fault')
      const stream = (await breach(transport)) as { destroying: boolean }
      const [error] = await fault
      expect(error).toMatchObject({ code: 'TRANSPORT_CONTRACT', transport: 'fake' })
      expect((error as Error).message).toMatch(why)
      expect((error as Error).message).toMatch(/^Transport broke its contract: 'fake' handed/)
      expect(stream.destroying).toBe(true)
      await networker.close()
    }
  )

  it('is not thrown at: what goes wrong inside is a fault', async () => {
    const { networker, transport } = await listening()
    const fault = next(networker, 'fault')
    const [stream] = await noisePair(transport.host.keyPair as ReturnType<typeof newKeyPair>)
    stream.on = () => {
      throw new Error('no listeners here')
    }
    transport.host.connected(stream, { type: 'fake' })
    expect((await fault)[0]).toMatchObject({ message: 'no listeners here' })
    expect(transport.host.wants(undefined as never)).toBe(false)
    await networker.close()
  })

  it('is guarded against what is no stream', async () => {
    const { networker, transport } = await listening()
    const fault = next(networker, 'fault')
    transport.host.connected(null as never, { type: 'fake' })
    expect((await fault)[0]).toMatchObject({ code: 'TRANSPORT_CONTRACT' })
    await networker.close()
  })

  it('is guarded against a stream after the signal aborted', async () => {
    const { networker, transport } = await listening()
    const [stream] = await noisePair(transport.host.keyPair as ReturnType<typeof newKeyPair>)
    const fault = next(networker, 'fault')
    const closing = networker.close()
    expect(transport.host.signal.aborted).toBe(true)
    transport.host.connected(stream, { type: 'fake' })
    expect((await fault)[0]).toMatchObject({ code: 'TRANSPORT_CONTRACT' })
    expect(stream.destroying).toBe(true)
    await closing
    expect(networker.peers.size).toBe(0)
  })
})

describe('wants', () => {
  it('is false for ourselves, when maxPeers is reached, and after closing began', async () => {
    const { networker, transport } = await listening({ maxPeers: 1 })
    const { host } = transport
    const known = newKeyPair()
    expect(host.wants(host.keyPair.publicKey)).toBe(false)
    expect(host.wants(known.publicKey)).toBe(true)
    await transport.handOver(known)
    expect(host.wants(newKeyPair().publicKey)).toBe(false)
    expect(host.wants(known.publicKey)).toBe(true)
    const closing = networker.close()
    expect(host.wants(known.publicKey)).toBe(false)
    await closing
  })

  it('is false while a transport listed earlier carries the peer, and never asks the firewall', async () => {
    const [first, second] = [new FakeTransport('first'), new FakeTransport('second')]
    const firewall = vi.fn(() => false)
    const networker = new Networker(fakeStore(), { transports: [first, second], firewall })
    await networker.listen()
    const known = newKeyPair()
    await second.handOver(known)
    expect(first.host.wants(known.publicKey)).toBe(true)
    expect(second.host.wants(known.publicKey)).toBe(true)
    await first.handOver(known)
    expect(first.host.wants(known.publicKey)).toBe(true)
    expect(second.host.wants(known.publicKey)).toBe(false)
    expect(firewall).toHaveBeenCalledTimes(2)
    await networker.close()
  })
})

describe('maxPeers', () => {
  it('bounds both directions, and frees the place of a peer that went', async () => {
    const { networker, transport } = await listening({ maxPeers: 2 })
    const [first] = await transport.handOver()
    await transport.handOver()
    const [surplus] = await transport.handOver()
    expect(surplus.destroying).toBe(true)
    expect(networker.peers.size).toBe(2)
    const removed = next(networker, 'peer-remove')
    first.destroy()
    await removed
    await transport.handOver()
    expect(networker.peers.size).toBe(2)
    await networker.close()
  })

  it('counts those whom a firewall thinks about', async () => {
    const verdict = deferred<boolean>()
    const { networker, transport } = await listening({ maxPeers: 1, firewall: () => verdict.promise })
    await transport.handOverSoon()
    expect(transport.host.wants(newKeyPair().publicKey)).toBe(false)
    const [surplus] = await transport.handOver()
    expect(surplus.destroying).toBe(true)
    const added = next(networker, 'peer-add')
    verdict.resolve(false)
    await added
    expect(networker.peers.size).toBe(1)
    await networker.close()
  })
})

describe('a firewall', () => {
  it('is asked once for each stream, with what is known of it, before anything is attached', async () => {
    const seen: unknown[] = []
    const store = fakeStore()
    const { networker, transport } = await listening(
      {
        firewall: (key, info) => {
          seen.push([key, info, store.replicated.length])
          return false
        }
      },
      store
    )
    const keyPair = newKeyPair()
    await transport.handOver(keyPair, { type: 'tcp', remoteAddress: '127.0.0.1:9' })
    await transport.handOver(keyPair)
    expect(seen).toEqual([
      [keyPair.publicKey, { transport: 'fake', type: 'tcp', remoteAddress: '127.0.0.1:9' }, 0],
      [keyPair.publicKey, { transport: 'fake', type: 'fake', remoteAddress: null }, 1]
    ])
    await networker.close()
  })

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['true', () => true],
    ['a promise of true', async () => true],
    [
      'a throw',
      () => {
        throw new Error('no')
      }
    ],
    [
      'a rejection',
      async () => {
        throw new Error('no')
      }
    ]
  ])('refuses with %s, and bans nobody', async (_, firewall) => {
    let current = firewall
    const { networker, transport, store } = await listening({ firewall: () => current() })
    const keyPair = newKeyPair()
    const [, theirs] = await transport.handOverSoon(keyPair)
    await next(theirs, 'close')
    expect([networker.peers.size, store.replicated.length]).toEqual([0, 0])
    current = () => false
    await transport.handOver(keyPair)
    expect(networker.peers.size).toBe(1)
    await networker.close()
  })

  it('tells of its own failure as a fault', async () => {
    const error = new Error('database is gone')
    const { networker, transport } = await listening({
      firewall: () => {
        throw error
      }
    })
    const fault = next(networker, 'fault')
    await transport.handOver()
    expect(await fault).toEqual([error])
    await networker.close()
  })

  it('refuses after ten seconds without an answer', async () => {
    const { networker, transport } = await listening({ firewall: () => new Promise(() => {}) })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const [ours] = await transport.handOverSoon()
      const end = vi.spyOn(ours, 'end')
      await vi.advanceTimersByTimeAsync(9_999)
      expect(end).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(end).toHaveBeenCalled()
    } finally {
      vi.useRealTimers()
    }
    await networker.close()
  })

  it('loses nothing that was sent while it thought', async () => {
    const verdict = deferred<boolean>()
    const { networker, transport } = await listening({ firewall: () => verdict.promise })
    const [, theirs] = await transport.handOverSilent()
    const got = new Promise((onmessage) => networker.registerExtension('x', { encoding: 'utf8', onmessage }))
    const remote = new Remote()
    remote.attach(theirs)
    remote.extensions.register('x', { encoding: 'utf8' }).broadcast('early')
    verdict.resolve(false)
    expect(await got).toBe('early')
    await networker.close()
  })

  it('in hand does not let a reset end the process, for a transport that forgot to listen', async () => {
    const { networker, transport } = await listening({ firewall: () => new Promise(() => {}) })
    const [ours] = await noisePair(transport.host.keyPair as ReturnType<typeof newKeyPair>)
    ;(ours as unknown as EventEmitter).removeAllListeners('error')
    transport.host.connected(ours, { type: 'fake' })
    const closed = next(ours, 'close')
    ours.destroy(new Error('ECONNRESET'))
    await closed
    await networker.close()
  })

  it('in hand is refused by close, which does not wait for it', async () => {
    const { networker, transport } = await listening({ firewall: () => new Promise(() => {}) })
    const [, theirs] = await transport.handOverSoon()
    const closed = next(theirs, 'close')
    await networker.close()
    await closed
  })
})
