import { describe, expect, it, vi } from 'vitest'
import { Networker } from '../src/index.js'
import { deferred, FakeTransport, fakeStore, link, newKeyPair, next, topic } from './support.js'

const make = (...transports: FakeTransport[]) => new Networker(fakeStore(), { transports })

describe('listen', () => {
  it('starts every transport once, however often it is called', async () => {
    const transports = [new FakeTransport('a'), new FakeTransport('b')]
    await using networker = make(...transports)
    await Promise.all([networker.listen(), networker.listen(), networker.configure(topic(1))])
    expect(transports.map(({ calls }) => calls.filter((call) => call === 'start').length)).toEqual([1, 1])
  })

  it('carries on without a transport that fails, and tells which', async () => {
    const [broken, fine] = [new FakeTransport('broken'), new FakeTransport('fine')]
    const cause = new Error('EADDRINUSE')
    broken.onstart = () => Promise.reject(cause)
    await using networker = make(broken, fine)
    const fault = next(networker, 'fault')
    await networker.configure(topic(1))
    expect((await fault)[0]).toMatchObject({ code: 'START_FAILED', transport: 'broken', cause })
    expect(broken.calls).toEqual(['start'])
    expect(fine.calls).toEqual(['start', 'join 1 announce lookup', 'flush 1'])
  })

  it('rejects when no transport started, and so does configure, which joins nothing', async () => {
    const transport = new FakeTransport('broken')
    transport.onstart = () => {
      throw new Error('no network')
    }
    await using networker = make(transport)
    await expect(networker.configure(topic(1))).rejects.toMatchObject({
      code: 'START_FAILED',
      message: "Could not start: transport 'broken' did not start: no network"
    })
    await expect(networker.listen()).rejects.toMatchObject({ code: 'START_FAILED' })
    expect(networker.joined(topic(1))).toBe(false)
  })

  it('refuses a closed store', async () => {
    const store = fakeStore()
    await using networker = new Networker(store, { transports: [new FakeTransport()] })
    store.closing = Promise.resolve()
    await expect(networker.listen()).rejects.toMatchObject({ code: 'CLOSED', message: /the store is closed/ })
    await expect(networker.configure(topic(1))).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('close', () => {
  it('is one promise, safe to call twice and at once, and stops each transport once', async () => {
    const transport = new FakeTransport()
    const networker = make(transport)
    await networker.configure(topic(1))
    expect(networker.close()).toBe(networker.close())
    await networker.close()
    await networker.close()
    expect(transport.calls.filter((call) => call === 'stop')).toHaveLength(1)
  })

  it('tells a transport nothing but stop once it began, whatever is in hand', async () => {
    const transport = new FakeTransport()
    const [begun, leaving] = [deferred(), deferred()]
    transport.onleave = () => {
      begun.resolve()
      return leaving.promise
    }
    const networker = make(transport)
    await networker.configure(topic(1))
    const off = networker.configure(topic(1), { announce: false, lookup: false })
    await begun.promise
    const on = networker.configure(topic(1)).catch(() => {})
    const suspended = networker.suspend().catch(() => {})
    const closing = networker.close()
    leaving.resolve()
    await Promise.all([off, on, suspended, closing])
    expect(transport.calls).toEqual(['start', 'join 1 announce lookup', 'flush 1', 'leave 1', 'stop'])
  })

  it('refuses extensions from its first moment on', async () => {
    const networker = make(new FakeTransport())
    const closing = networker.close()
    expect(() => networker.registerExtension('late')).toThrow(/^Closed: the networker/)
    await closing
  })

  it('stops nothing that was never started', async () => {
    const transport = new FakeTransport()
    await make(transport).close()
    expect(transport.calls).toEqual([])
  })

  it('during start waits for it, and then stops', async () => {
    const transport = new FakeTransport()
    const starting = deferred()
    transport.onstart = () => starting.promise
    const networker = make(transport)
    const configured = expect(networker.configure(topic(1))).rejects.toMatchObject({ code: 'CLOSED' })
    const closing = networker.close()
    expect(transport.host.signal.aborted).toBe(true)
    expect(transport.calls).toEqual(['start'])
    starting.resolve()
    await Promise.all([closing, configured])
    expect(transport.calls).toEqual(['start', 'stop'])
  })

  it('stops a transport that did not start, too', async () => {
    const transport = new FakeTransport()
    transport.onstart = () => Promise.reject(new Error('no'))
    const networker = make(transport)
    await expect(networker.listen()).rejects.toThrow('no')
    await networker.close()
    expect(transport.calls).toEqual(['start', 'stop'])
  })

  it('names a transport that fails to stop, after all else is closed', async () => {
    const [broken, fine] = [new FakeTransport('broken'), new FakeTransport('fine')]
    const cause = new Error('stuck')
    broken.onstop = () => Promise.reject(cause)
    const networker = make(broken, fine)
    await networker.listen()
    await fine.handOver()
    await expect(networker.close()).rejects.toMatchObject({ code: 'STOP_FAILED', transport: 'broken', cause })
    expect(fine.calls.at(-1)).toBe('stop')
    expect([networker.peers.size, networker.streams.size]).toEqual([0, 0])
  })

  it('names a transport that hangs, after ten seconds, and keeps no other waiting', async () => {
    const [hanging, failing] = [new FakeTransport('hanging'), new FakeTransport('failing')]
    hanging.onstop = () => new Promise(() => {})
    failing.onstop = () => {
      throw new Error('no')
    }
    const networker = make(hanging, failing)
    await networker.listen()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      let outcome: unknown
      networker.close().catch((error) => {
        outcome = error
      })
      await vi.advanceTimersByTimeAsync(9_999)
      expect(outcome).toBeUndefined()
      expect(failing.calls.at(-1)).toBe('stop')
      await vi.advanceTimersByTimeAsync(1)
      expect(outcome).toMatchObject({ code: 'STOP_FAILED', message: /'hanging', 'failing'/ })
    } finally {
      vi.useRealTimers()
    }
  })

  it('removes every peer, and lets what was sent before arrive', async () => {
    const [a, b] = [new FakeTransport(), new FakeTransport()]
    const [sender, receiver] = [make(a), make(b)]
    const got: string[] = []
    const text = sender.registerExtension('text', { encoding: 'utf8' })
    receiver.registerExtension('text', { encoding: 'utf8', onmessage: (message) => got.push(message) })
    await Promise.all([sender.listen(), receiver.listen()])
    await link(a, b)
    for (let i = 0; i < 50; i++) text.broadcast(`${i}`)
    const removed = [next(sender, 'peer-remove'), next(receiver, 'peer-remove')]
    await sender.close()
    await Promise.all(removed)
    expect(got).toHaveLength(50)
    expect([sender.peers.size, receiver.peers.size]).toEqual([0, 0])
    await receiver.close()
  })

  it('destroys after a second the stream of a remote that does not end', async () => {
    const transport = new FakeTransport()
    const networker = make(transport)
    await networker.listen()
    const [ours, theirs] = await transport.handOver()
    theirs.end = () => theirs
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const closing = networker.close()
      await vi.advanceTimersByTimeAsync(999)
      expect(ours.destroying).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      await closing
      expect(ours.destroyed).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('asks no other transport for the peers that it ends', async () => {
    const [a, b] = [new FakeTransport('a'), new FakeTransport('b')]
    const connect = vi.fn()
    Object.assign(b, { connect })
    const networker = make(a, b)
    await networker.listen()
    const peer = newKeyPair()
    await b.handOver(peer)
    await a.handOver(peer)
    await networker.close()
    expect(connect).not.toHaveBeenCalled()
  })

  it('leaves the store open and no listener on it', async () => {
    const store = { ...fakeStore(), watch: vi.fn(), unwatch: vi.fn(), close: vi.fn() }
    const transport = new FakeTransport()
    transport.onflush = () => new Promise(() => {})
    const networker = new Networker(store, { transports: [transport] })
    await networker.configure(topic(1), { flush: false })
    await networker.close()
    expect(store.close).not.toHaveBeenCalled()
    expect(store.unwatch.mock.calls).toEqual(store.watch.mock.calls)
    expect(store.watch).toHaveBeenCalledTimes(1)
  })

  it('is what `await using` calls', async () => {
    const transport = new FakeTransport()
    {
      await using networker = make(transport)
      await networker.listen()
    }
    expect(transport.calls).toEqual(['start', 'stop'])
  })
})

describe('suspend and resume', () => {
  it('pass through to a transport that has them, and keep its topics', async () => {
    const transport = new FakeTransport()
    Object.assign(transport, {
      suspend: async () => transport.calls.push('suspend'),
      resume: async () => transport.calls.push('resume')
    })
    await using networker = make(transport)
    await networker.configure(topic(1))
    await networker.suspend()
    await networker.configure(topic(2))
    await networker.configure(topic(1), { announce: false, lookup: false })
    expect(transport.calls.slice(3)).toEqual(['suspend'])
    const flushed = next(networker, 'flushed')
    await networker.resume()
    await flushed
    expect(transport.calls.slice(4)).toEqual(['resume', 'leave 1', 'join 2 announce lookup', 'flush 2'])
  })

  it('while suspended a transport is told nothing but to stop: not to connect either, by a call in hand', async () => {
    const failed = deferred()
    const [first, second] = [new FakeTransport('first'), new FakeTransport('second')]
    const log: string[] = []
    for (const transport of [first, second]) {
      Object.assign(transport, {
        suspend: async () => log.push(`${transport.name} suspend`),
        resume: async () => log.push(`${transport.name} resume`),
        connect: async () => {
          log.push(`${transport.name} connect`)
          await failed.promise
        }
      })
    }
    const networker = make(first, second)
    try {
      await networker.listen()
      const connecting = networker.connect(newKeyPair().publicKey)
      await networker.suspend()
      failed.reject(new Error('suspended'))
      await expect(connecting).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
      expect(log).toEqual(['first connect', 'first suspend', 'second suspend'])
      await networker.resume()
      await expect(networker.connect(newKeyPair().publicKey)).rejects.toMatchObject({
        code: 'CONNECT_FAILED'
      })
      expect(log.slice(3)).toEqual(['first resume', 'second resume', 'first connect', 'second connect'])
    } finally {
      await networker.close()
    }
  })

  it('are emulated by leaving and joining for a transport that has none', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.configure(topic(1))
    await networker.suspend()
    expect(transport.calls.slice(3)).toEqual(['leave 1'])
    expect(networker.joined(topic(1))).toBe(true)
    const flushed = next(networker, 'flushed')
    await networker.resume()
    await flushed
    expect(transport.calls.slice(4)).toEqual(['join 1 announce lookup', 'flush 1'])
  })

  it('end every stream, and admit none meanwhile', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.listen()
    const [, theirs] = await transport.handOver()
    const ended = next(theirs, 'end')
    await networker.suspend()
    await ended
    expect(networker.streams.size).toBe(0)
    expect(transport.host.wants(newKeyPair().publicKey)).toBe(false)
    const [refused] = await transport.handOver()
    expect(refused.destroying).toBe(true)
    await networker.resume()
    await transport.handOver()
    expect(networker.peers.size).toBe(1)
  })

  it('before the start keep the transports from starting until resume', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.suspend()
    await networker.configure(topic(1))
    expect(transport.calls).toEqual([])
    expect(networker.joined(topic(1))).toBe(true)
    const flushed = next(networker, 'flushed')
    await networker.resume()
    await flushed
    expect(transport.calls).toEqual(['start', 'join 1 announce lookup', 'flush 1'])
  })

  it('before the start leave it to the first configure, when nobody asked meanwhile', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.suspend()
    await networker.resume()
    expect(transport.calls).toEqual([])
    await networker.configure(topic(1))
    expect(transport.calls[0]).toBe('start')
  })

  it('come one after the other, and do nothing when there is nothing to do', async () => {
    const transport = new FakeTransport()
    const log: string[] = []
    Object.assign(transport, {
      suspend: async () => log.push('suspend'),
      resume: async () => log.push('resume')
    })
    await using networker = make(transport)
    await networker.listen()
    await Promise.all([networker.resume(), networker.suspend(), networker.suspend(), networker.resume()])
    expect(log).toEqual(['suspend', 'resume'])
  })

  it('tell of a transport that fails at it as a fault', async () => {
    const transport = new FakeTransport()
    const error = new Error('no')
    Object.assign(transport, { suspend: () => Promise.reject(error), resume: async () => {} })
    await using networker = make(transport)
    await networker.listen()
    const fault = next(networker, 'fault')
    await networker.suspend()
    expect(await fault).toEqual([error])
  })
})

describe('connect', () => {
  it('dials through whichever transport can, in their order', async () => {
    const [a, b, c] = [new FakeTransport('a'), new FakeTransport('b'), new FakeTransport('c')]
    const peer = newKeyPair()
    Object.assign(b, { connect: () => Promise.reject(new Error('unreachable')) })
    Object.assign(c, { connect: () => c.handOver(peer) })
    await using networker = make(a, b, c)
    const connected = await networker.connect(peer.publicKey)
    expect([...networker.peers]).toEqual([connected])
    expect(connected.type).toBe('fake')
    expect(await networker.connect(Buffer.from(peer.publicKey).toString('hex'))).toBe(connected)
  })

  it('returns a peer that is connected without waiting for firewalls of others', async () => {
    const transport = new FakeTransport()
    const [known, unknown] = [newKeyPair(), newKeyPair()]
    await using networker = new Networker(fakeStore(), {
      transports: [transport],
      firewall: (key) => (Buffer.compare(key, known.publicKey) === 0 ? false : new Promise(() => {}))
    })
    await networker.listen()
    await transport.handOver(known)
    await transport.handOverSoon(unknown)
    expect(await networker.connect(known.publicKey)).toBe([...networker.peers][0])
  })

  it('rejects when no transport reaches the peer, with every reason', async () => {
    const [a, b] = [new FakeTransport('a'), new FakeTransport('b')]
    const errors = [new Error('one'), new Error('two')]
    Object.assign(a, { connect: () => Promise.reject(errors[0]) })
    Object.assign(b, { connect: () => Promise.reject(errors[1]) })
    await using networker = make(a, b)
    await expect(networker.connect(topic(1))).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      cause: { errors }
    })
  })

  it('rejects when the peer was refused', async () => {
    const transport = new FakeTransport()
    const peer = newKeyPair()
    Object.assign(transport, { connect: () => transport.handOver(peer) })
    await using networker = new Networker(fakeStore(), {
      transports: [transport],
      firewall: async () => true
    })
    await expect(networker.connect(peer.publicKey)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })

  it('rejects for ourselves, a bad key, and where no transport dials by key', async () => {
    await using networker = make(new FakeTransport())
    await expect(networker.connect(networker.keyPair.publicKey)).rejects.toMatchObject({
      code: 'SELF_CONNECTION'
    })
    await expect(networker.connect(Buffer.alloc(31))).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(networker.connect(topic(1))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('is ended by an abort and by close, also when the transport does not heed the signal', async () => {
    const transport = new FakeTransport()
    Object.assign(transport, { connect: () => new Promise(() => {}) })
    const networker = make(transport)
    await networker.listen()
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = expect(networker.connect(topic(1), { signal: controller.signal })).rejects.toBe(reason)
    controller.abort(reason)
    await aborted
    const closed = expect(networker.connect(topic(1))).rejects.toMatchObject({ code: 'CLOSED' })
    await networker.close()
    await closed
  })
})
