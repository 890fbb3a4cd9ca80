import { describe, expect, it, vi } from 'vitest'
import { isNetworkerError, Networker } from '../src/index.js'
import { deferred, FakeTransport, fakeStore, next, topic } from './support.js'

function make(...transports: FakeTransport[]) {
  return new Networker(fakeStore(), { transports })
}

describe('configure', () => {
  it('starts the transports once, then joins and flushes', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await Promise.all([networker.configure(topic(1)), networker.configure(topic(2), { announce: false })])
    expect(transport.calls).toEqual([
      'start',
      'join 1 announce lookup',
      'join 2 lookup',
      'flush 1',
      'flush 2'
    ])
  })

  it('tells the state of each topic', async () => {
    await using networker = make(new FakeTransport())
    expect(networker.status(topic(1))).toBeUndefined()
    await networker.configure(topic(1), { lookup: false })
    await networker.configure(topic(2), { announce: false })
    expect(networker.status(topic(1))).toEqual({ announce: true, lookup: false })
    expect(networker.allStatuses()).toEqual([
      { discoveryKey: topic(1), announce: true, lookup: false },
      { discoveryKey: topic(2), announce: false, lookup: true }
    ])
    expect([networker.joined(topic(1)), networker.joined(topic(3))]).toEqual([true, false])
  })

  it('never joins twice in one mode, and replaces the mode', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.configure(topic(1))
    await networker.configure(topic(1))
    await networker.configure(topic(1), { lookup: false })
    expect(transport.calls.filter((call) => call.startsWith('join'))).toEqual([
      'join 1 announce lookup',
      'join 1 announce'
    ])
    expect(transport.calls.filter((call) => call.startsWith('flush'))).toHaveLength(3)
  })

  it('leaves when both are false, and forgets the topic', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.configure(topic(1))
    await networker.configure(topic(1), { announce: false, lookup: false })
    expect(transport.calls.at(-1)).toBe('leave 1')
    expect([networker.joined(topic(1)), networker.flushed(topic(1))]).toEqual([false, false])
    expect(networker.status(topic(1))).toBeUndefined()
    expect(networker.allStatuses()).toEqual([])
  })

  it('does nothing when both are false for a topic never joined', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await networker.configure(topic(1), { announce: false, lookup: false })
    expect(transport.calls).toEqual([])
  })

  it('joins again only when the leaving before it is done', async () => {
    const transport = new FakeTransport()
    const [begun, leaving] = [deferred(), deferred()]
    transport.onleave = () => {
      begun.resolve()
      return leaving.promise
    }
    await using networker = make(transport)
    await networker.configure(topic(1))
    const left = networker.configure(topic(1), { announce: false, lookup: false })
    await begun.promise
    const joined = networker.configure(topic(1), { announce: false })
    await networker.configure(topic(2)) // asked later and done already: the join had its chance
    expect(transport.calls.filter((call) => call.includes(' 1'))).toEqual([
      'join 1 announce lookup',
      'flush 1',
      'leave 1'
    ])
    leaving.resolve()
    await Promise.all([left, joined])
    expect(transport.calls.slice(-2)).toEqual(['join 1 lookup', 'flush 1'])
  })

  it('goes by the last of several calls in one tick', async () => {
    const transport = new FakeTransport()
    await using networker = make(transport)
    await Promise.all([
      networker.configure(topic(1)),
      networker.configure(topic(1), { announce: false, lookup: false })
    ])
    expect(transport.calls).toEqual(['start'])
    expect(networker.joined(topic(1))).toBe(false)
  })

  it('tells once that a topic is joined and flushed', async () => {
    await using networker = make(new FakeTransport())
    const events: string[] = []
    networker.on('joined', (key) => events.push(`joined ${key[0]}`))
    networker.on('flushed', (key) => events.push(`flushed ${key[0]} ${networker.flushed(key)}`))
    await networker.configure(topic(1))
    await networker.configure(topic(1))
    expect(events).toEqual(['joined 1', 'flushed 1 true'])
  })

  it('does not wait with flush: false, and flushes all the same', async () => {
    const transport = new FakeTransport()
    const flushing = deferred()
    transport.onflush = () => flushing.promise
    await using networker = make(transport)
    await networker.configure(topic(1), { flush: false })
    expect(transport.calls).toContain('join 1 announce lookup')
    expect(networker.flushed(topic(1))).toBe(false)
    const flushed = next(networker, 'flushed')
    flushing.resolve()
    expect(await flushed).toEqual([topic(1)])
    expect(networker.flushed(topic(1))).toBe(true)
  })

  it('is not flushed in a new mode by the flush of the old one', async () => {
    const transport = new FakeTransport()
    const flushes = [deferred(), deferred()]
    const begun = deferred()
    let i = 0
    transport.onflush = () => {
      begun.resolve()
      return flushes[i++]!.promise
    }
    await using networker = make(transport)
    const announced = networker.configure(topic(1), { lookup: false })
    await begun.promise
    const both = networker.configure(topic(1))
    flushes[0]!.resolve()
    await announced
    expect(networker.flushed(topic(1))).toBe(false)
    flushes[1]!.resolve()
    await both
    expect(networker.flushed(topic(1))).toBe(true)
  })
})

describe('a mode that is taken back', () => {
  it('is flushed by the last join, not by the first one of that mode', async () => {
    const transport = new FakeTransport()
    const flushes: ReturnType<typeof deferred<void>>[] = []
    let onflush = () => {}
    transport.onflush = () => {
      const flush = deferred()
      flushes.push(flush)
      onflush()
      return flush.promise
    }
    await using networker = make(transport)
    const configured: Promise<void>[] = []
    for (const lookup of [true, false, true]) {
      const begun = new Promise<void>((resolve) => {
        onflush = resolve
      })
      configured.push(networker.configure(topic(1), { lookup }))
      await begun
    }
    flushes[0]!.resolve()
    await configured[0]
    expect(networker.flushed(topic(1))).toBe(false)
    flushes[1]!.resolve()
    flushes[2]!.resolve()
    await Promise.all(configured)
    expect(networker.flushed(topic(1))).toBe(true)
  })
})

describe('a transport that does not leave', () => {
  it('is waited for ten seconds, and then a fault names it', async () => {
    const transport = new FakeTransport()
    transport.onleave = () => new Promise(() => {})
    const networker = make(transport)
    await networker.configure(topic(1))
    const fault = next(networker, 'fault')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const suspended = networker.suspend()
      await vi.advanceTimersByTimeAsync(10_000)
      await suspended
    } finally {
      vi.useRealTimers()
    }
    expect((await fault)[0]).toMatchObject({ code: 'TRANSPORT_CONTRACT', transport: 'fake' })
    await networker.close()
  })
})

describe('a flush in hand', () => {
  async function flushing() {
    const transport = new FakeTransport()
    const signals: AbortSignal[] = []
    const begun = deferred()
    transport.onflush = (_, signal) => {
      signals.push(signal)
      begun.resolve()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const networker = make(transport)
    await networker.configure(topic(1), { flush: false })
    await begun.promise
    return { transport, networker, signals }
  }

  it('may share one signal with many others, without a warning of Node', async () => {
    const { networker } = await flushing()
    const warnings: Error[] = []
    const onwarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onwarning)
    try {
      const controller = new AbortController()
      const many = Array.from({ length: 20 }, (_, i) =>
        networker.configure(topic(i), { signal: controller.signal }).catch((error) => error)
      )
      await new Promise((resolve) => setImmediate(resolve))
      controller.abort('enough')
      expect(await Promise.all(many)).toEqual(Array(20).fill('enough'))
      expect(warnings).toEqual([])
    } finally {
      process.removeListener('warning', onwarning)
    }
    await networker.close()
  })

  it('rejects with the reason of an abort, and the topic stays configured', async () => {
    const { networker, signals } = await flushing()
    const controller = new AbortController()
    const configured = networker.configure(topic(1), { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(configured).rejects.toBe(reason)
    expect(networker.joined(topic(1))).toBe(true)
    expect(signals.every(({ aborted }) => !aborted)).toBe(true)
    await networker.close()
  })

  it('does not configure at all on a signal that has aborted before', async () => {
    const { networker } = await flushing()
    const signal = AbortSignal.abort(new Error('never'))
    await expect(networker.configure(topic(2), { signal })).rejects.toBe(signal.reason)
    expect(networker.joined(topic(2))).toBe(false)
    await networker.close()
  })

  it('resolves when the topic is left', async () => {
    const { networker } = await flushing()
    const configured = networker.configure(topic(1))
    await networker.configure(topic(1), { announce: false, lookup: false })
    await configured
    expect(networker.flushed(topic(1))).toBe(false)
    await networker.close()
  })

  it('resolves on suspend, and is taken up on resume', async () => {
    const { networker, transport } = await flushing()
    const configured = networker.configure(topic(1))
    await networker.suspend()
    await configured
    expect(networker.flushed(topic(1))).toBe(false)
    transport.onflush = async () => {}
    const flushed = next(networker, 'flushed')
    await networker.resume()
    expect(await flushed).toEqual([topic(1)])
    await networker.close()
  })

  it('rejects with CLOSED on close', async () => {
    const { networker } = await flushing()
    const configured = networker.configure(topic(1))
    const outcome = expect(configured).rejects.toMatchObject({ code: 'CLOSED' })
    await networker.close()
    await outcome
  })

  it('is ended by an abort also when the transport does not heed the signal', async () => {
    const { networker, transport } = await flushing()
    transport.onflush = () => new Promise(() => {})
    const configured = networker.configure(topic(1))
    await networker.configure(topic(1), { announce: false, lookup: false })
    await configured
    await networker.close()
  })

  it('keeps no other topic waiting', async () => {
    const { networker, transport } = await flushing()
    transport.onflush = async () => {}
    await networker.configure(topic(2))
    expect([networker.flushed(topic(1)), networker.flushed(topic(2))]).toEqual([false, true])
    await networker.close()
  })

  it('raises a fault and resolves when a transport fails at it', async () => {
    const transport = new FakeTransport()
    const error = new Error('offline')
    transport.onflush = () => Promise.reject(error)
    await using networker = make(transport)
    const fault = next(networker, 'fault')
    await networker.configure(topic(1))
    expect(await fault).toEqual([error])
  })
})

describe('a firewall in hand', () => {
  it('is waited for by flush', async () => {
    const transport = new FakeTransport()
    const verdict = deferred<boolean>()
    await using networker = new Networker(fakeStore(), {
      transports: [transport],
      firewall: () => verdict.promise
    })
    await networker.listen()
    const flushing = deferred()
    transport.onflush = async () => {
      await transport.handOverSoon()
      flushing.resolve()
    }
    const configured = networker.configure(topic(1))
    await flushing.promise
    const seen: number[] = []
    networker.on('flushed', () => seen.push(networker.peers.size))
    networker.on('peer-add', () => seen.push(-1))
    verdict.resolve(false)
    await configured
    expect(seen).toEqual([-1, 1])
  })
})

describe('errors of a closed networker', () => {
  it('are CLOSED, for every method', async () => {
    const networker = make(new FakeTransport())
    await networker.close()
    for (const call of [
      () => networker.configure(topic(1)),
      () => networker.listen(),
      () => networker.connect(topic(1)),
      () => networker.suspend(),
      () => networker.resume()
    ]) {
      await expect(call()).rejects.toSatisfy((error) => isNetworkerError(error, 'CLOSED'))
    }
    expect(() => networker.registerExtension('x')).toThrow(/^Closed: /)
  })
})
