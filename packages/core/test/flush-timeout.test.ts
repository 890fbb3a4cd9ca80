import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Networker } from '../src/index.js'
import { deferred as defer, type deferred, FakeTransport, fakeStore, topic } from './support.js'

/** A networker whose transports flush when the test says so. It records what it tells. */
function make(...names: string[]) {
  const flushes = new Map<string, ReturnType<typeof deferred<void>>[]>()
  const transports = names.map((name) => {
    const transport = new FakeTransport(name)
    flushes.set(name, [])
    transport.onflush = (_topic, signal) => {
      const flush = defer()
      flushes.get(name)!.push(flush)
      signal.addEventListener('abort', () => flush.reject(signal.reason))
      return flush.promise
    }
    return transport
  })
  const networker = new Networker(fakeStore(), { transports })
  const events: string[] = []
  const faults: unknown[] = []
  networker.on('flushed', (key) => events.push(`flushed ${key[0]}`))
  networker.on('fault', (error) => faults.push(error))
  const done = (name: string) => {
    for (const flush of flushes.get(name)!) flush.resolve()
  }
  return { networker, transports, events, faults, done }
}

const OFF = { announce: false, lookup: false }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a flush that is not done in time', () => {
  it('lets configure resolve after 15 s, with a fault that says why and what to do', async () => {
    const { networker, transports, events, faults } = make('fake')
    const configured = vi.fn()
    const done = networker.configure(topic(1)).then(configured)
    await vi.advanceTimersByTimeAsync(14_999)
    expect([configured.mock.calls.length, faults.length]).toEqual([0, 0])
    const cause = new Error('no node answered')
    transports[0]!.host.online('offline')
    transports[0]!.host.fault(cause)
    await vi.advanceTimersByTimeAsync(1)
    await done
    expect(faults).toEqual([cause, expect.objectContaining({ code: 'TIMEOUT', transport: 'fake', cause })])
    expect((faults[1] as Error).message).toBe(
      `Timed out: topic ${'01'.repeat(32)} was not flushed within 15000 ms: 'fake' is offline. The flush goes on, and ` +
        "the event 'flushed' tells when it is done. Check the network, or pass a longer timeout or flush: false to configure()"
    )
    expect([networker.joined(topic(1)), networker.flushed(topic(1)), events]).toEqual([true, false, []])
    await networker.close()
  })

  it('goes on, and the event comes when it is true', async () => {
    const { networker, events, done } = make('fake')
    const configured = networker.configure(topic(1), { timeout: 10 })
    await vi.advanceTimersByTimeAsync(10)
    await configured
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    expect(events).toEqual([])
    done('fake')
    await vi.advanceTimersByTimeAsync(0)
    expect([networker.flushed(topic(1)), events]).toEqual([true, ['flushed 1']])
    await networker.close()
  })

  it('names the transports that are not done, and not the others', async () => {
    const { networker, transports, faults, done } = make('a', 'b', 'c')
    const configured = networker.configure(topic(1), { timeout: 10 })
    await vi.advanceTimersByTimeAsync(5)
    const causes = [new Error('of b'), new Error('of c')]
    for (const i of [1, 2]) transports[i]!.host.fault(causes[i - 1])
    transports[2]!.host.online('connecting')
    done('a')
    await vi.advanceTimersByTimeAsync(5)
    await configured
    const late = faults.at(-1) as Error & { transport?: string; cause: AggregateError }
    expect(late.message).toContain(": 'b' still announces, looks up or dials, 'c' is connecting. ")
    expect([late.transport, late.cause.errors]).toEqual([undefined, causes])
    await networker.close()
  })

  it('does not blame trouble that was over', async () => {
    const { networker, transports, faults } = make('fake')
    const configured = networker.configure(topic(1), { timeout: 10 })
    await vi.advanceTimersByTimeAsync(5)
    transports[0]!.host.fault(new Error('over'))
    transports[0]!.host.online('online')
    await vi.advanceTimersByTimeAsync(5)
    await configured
    expect(faults.at(-1)).toMatchObject({ code: 'TIMEOUT' })
    expect((faults.at(-1) as Error).cause).toBeUndefined()
    await networker.close()
  })

  it('says so when it is the firewall that has not decided', async () => {
    const { networker, transports, faults } = make('fake')
    await networker.close()
    const transport = new FakeTransport()
    const waiting = new Networker(fakeStore(), {
      transports: [transport],
      firewall: () => new Promise(() => {})
    })
    waiting.on('fault', (error) => faults.push(error))
    vi.useRealTimers() // a handshake of real streams takes turns of the event loop
    await waiting.listen()
    await transport.handOverSoon()
    await waiting.configure(topic(1), { timeout: 20 })
    expect((faults.at(-1) as Error).message).toContain('within 20 ms: the firewall has not decided. ')
    expect(transports).toHaveLength(1)
    await waiting.close()
  })

  it('lets configure resolve also when a transport does not finish its start, whose failure is told', async () => {
    const { networker, transports, faults } = make('fake')
    const starting = defer()
    transports[0]!.onstart = () => starting.promise
    const configured = networker.configure(topic(1), { timeout: 10 })
    await vi.advanceTimersByTimeAsync(10)
    await configured
    expect((faults[0] as Error).message).toContain('within 10 ms: no transport has started yet. ')
    starting.reject(new Error('no'))
    await vi.advanceTimersByTimeAsync(0)
    expect(faults[1]).toMatchObject({ code: 'START_FAILED' })
    expect(networker.joined(topic(1))).toBe(false)
    await networker.close()
  })
})

describe('the timeout', () => {
  it('is each caller’s own', async () => {
    const { networker, faults, done } = make('fake')
    const resolved: number[] = []
    const callers = [10, 20, 30].map((timeout) =>
      networker.configure(topic(1), { timeout }).then(() => resolved.push(timeout))
    )
    await vi.advanceTimersByTimeAsync(10)
    expect([resolved, faults.length]).toEqual([[10], 1])
    await vi.advanceTimersByTimeAsync(10)
    expect([resolved, faults.length]).toEqual([[10, 20], 2])
    done('fake')
    await Promise.all(callers)
    expect([resolved, faults.length]).toEqual([[10, 20, 30], 2])
    await networker.close()
  })

  it('leaves no timer when the flush is done, aborted, left, suspended or closed', async () => {
    const { networker, done } = make('fake')
    const controller = new AbortController()
    const aborted = networker.configure(topic(1), { signal: controller.signal }).catch(String)
    const finished = networker.configure(topic(2))
    const left = networker.configure(topic(3))
    await vi.advanceTimersByTimeAsync(0)
    controller.abort('enough')
    await networker.configure(topic(3), OFF)
    done('fake')
    expect(await Promise.all([aborted, finished, left])).toEqual(['enough', undefined, undefined])
    // One of Hypercore's own waits is over after 10 s; ours would be after 15 s.
    await vi.advanceTimersByTimeAsync(10_000)
    expect(vi.getTimerCount()).toBe(0)
    const suspended = networker.configure(topic(4))
    await vi.advanceTimersByTimeAsync(0)
    await networker.suspend()
    await suspended
    await networker.resume()
    const closed = networker.configure(topic(5)).catch(({ code }) => code)
    await networker.close()
    expect(await closed).toBe('CLOSED')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may be infinite, and has to be a time', async () => {
    const { networker, faults, done } = make('fake')
    const configured = networker.configure(topic(1), { timeout: Number.POSITIVE_INFINITY })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(faults).toEqual([])
    done('fake')
    await configured
    for (const timeout of [0, -1, Number.NaN, '5' as never]) {
      await expect(networker.configure(topic(1), { timeout })).rejects.toMatchObject({
        code: 'INVALID_OPTION'
      })
    }
    await networker.close()
  })

  it('does not bound leaving, nor configure without a flush', async () => {
    const { networker, transports, faults } = make('fake')
    await networker.configure(topic(1), { flush: false, timeout: 1 })
    const leaving = defer()
    transports[0]!.onleave = () => leaving.promise
    const left = networker.configure(topic(1), { ...OFF, timeout: 1 })
    await vi.advanceTimersByTimeAsync(100)
    leaving.resolve()
    await left
    expect(faults).toEqual([])
    await networker.close()
  })
})

describe('the event flushed, after a flush was late', () => {
  async function late() {
    const made = make('fake')
    const configured = made.networker.configure(topic(1), { timeout: 10 })
    await vi.advanceTimersByTimeAsync(10)
    await configured
    return made
  }

  it('does not come while suspended, and comes once after resume', async () => {
    const { networker, events, done } = await late()
    await networker.suspend()
    done('fake')
    await vi.advanceTimersByTimeAsync(100)
    expect([networker.flushed(topic(1)), events]).toEqual([false, []])
    await networker.resume()
    await vi.advanceTimersByTimeAsync(0)
    expect(events).toEqual([])
    done('fake')
    await vi.advanceTimersByTimeAsync(0)
    expect([networker.flushed(topic(1)), events]).toEqual([true, ['flushed 1']])
    await networker.close()
  })

  it('is not taken for true when suspend begins while the flush is just done', async () => {
    const MICROTASKS = 20 // more than lie between the transport's answer and the event
    const flushed: boolean[] = []
    for (let n = 0; n < MICROTASKS; n++) {
      const { networker, done } = await late()
      done('fake')
      for (let i = 0; i < n; i++) await undefined
      await networker.suspend()
      flushed.push(networker.flushed(topic(1)))
      await networker.close()
    }
    expect(flushed).toEqual(Array(MICROTASKS).fill(false))
  })

  it('is that of the new mode after a change', async () => {
    const { networker, transports, events, done } = await late()
    const { onflush } = transports[0]!
    const changed = networker.configure(topic(1), { lookup: false, timeout: 10 })
    transports[0]!.onflush = () => new Promise(() => {})
    done('fake')
    await vi.advanceTimersByTimeAsync(10)
    await changed
    expect([networker.flushed(topic(1)), events]).toEqual([false, []])
    transports[0]!.onflush = onflush
    const again = networker.configure(topic(1), { lookup: false })
    await vi.advanceTimersByTimeAsync(0)
    done('fake')
    await again
    expect(events).toEqual(['flushed 1'])
    await networker.close()
  })

  it('does not come when the topic is left, or the networker closed', async () => {
    const { networker, events, done } = await late()
    const closing = networker.configure(topic(2), { timeout: 10 })
    await vi.advanceTimersByTimeAsync(10)
    await closing
    await networker.configure(topic(1), OFF)
    const closed = networker.close()
    done('fake')
    await closed
    await vi.advanceTimersByTimeAsync(0)
    expect(events).toEqual([])
  })
})

it('a transport that fails to flush leaves the topic unflushed, and the others are waited for', async () => {
  const { networker, transports, events, faults, done } = make('a', 'b')
  const error = new Error('broken')
  transports[0]!.onflush = () => Promise.reject(error)
  const configured = vi.fn()
  const all = networker.configure(topic(1)).then(configured)
  await vi.advanceTimersByTimeAsync(0)
  expect([faults, configured.mock.calls.length]).toEqual([[error], 0])
  done('b')
  await all
  expect([networker.flushed(topic(1)), events]).toEqual([false, []])
  await networker.close()
})
