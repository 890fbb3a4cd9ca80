import { once } from 'node:events'
import timers, { setTimeout as nodeSetTimeout } from 'node:timers'
import timersPromises, { scheduler, setTimeout as sleep, setInterval as ticks } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { VirtualClock } from '../src/time/virtual-clock.js'

const EPOCH = Date.UTC(2000, 0, 1)

/** Runs a function in virtual time, with a function that logs lines with their times. */
async function inVirtualTime(
  run: (log: (what: string) => void, clock: VirtualClock) => unknown
): Promise<string[]> {
  const clock = new VirtualClock()
  const lines: string[] = []
  await clock.run(() => run((what) => lines.push(`${clock.now()} ${what}`), clock))
  return lines
}

const PLACES = [
  globalThis,
  timers,
  timersPromises,
  timersPromises.scheduler,
  performance,
  AbortSignal,
  Date,
  Date.prototype
]
const NAMES = ['Date', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'wait', 'now', 'timeout']

/** The descriptors of all timers and dates of the process. */
function places(): (PropertyDescriptor | undefined)[] {
  return PLACES.flatMap((place) =>
    [...NAMES, 'constructor'].map((name) => Object.getOwnPropertyDescriptor(place, name))
  )
}

test('after a run, also one that fails, everything is exactly what it was before', async () => {
  const before = places()
  let within: unknown
  const failing = new VirtualClock().run(() => {
    within = places()
    throw new Error('trouble')
  })
  await expect(failing).rejects.toThrow('trouble')
  expect(within).not.toEqual(before)
  expect(places()).toEqual(before)
  expect(nodeSetTimeout).toBe(timers.setTimeout)
  expect(Object.hasOwn(performance, 'now')).toBe(false)
})

test('timers fire in the order of their times, at one time in the order of their creation, also nested ones', async () => {
  const lines = await inVirtualTime(async (log) => {
    setTimeout(log, 20, 'd')
    setTimeout(() => {
      log('a')
      setTimeout(log, 10, 'e')
      setTimeout(log, 0, 'c')
    }, 10)
    setTimeout(log, 10, 'b')
    setTimeout(log, 20, 'f')
    await sleep(30)
  })
  expect(lines).toEqual(['10 a', '10 b', '11 c', '20 d', '20 f', '20 e'])
})

test('a delay is cut to whole milliseconds, and an invalid one is one millisecond', async () => {
  const lines = await inVirtualTime(async (log) => {
    for (const delay of [0, -5, Number.NaN, 0.5, 1.9, 2 ** 31, undefined, '3' as unknown as number]) {
      setTimeout(log, delay, String(delay))
    }
    await sleep(5)
  })
  expect(lines).toEqual(['1 0', '1 -5', '1 NaN', '1 0.5', '1 1.9', '1 2147483648', '1 undefined', '3 3'])
})

test('a callback gets its arguments, and the timer as this', async () => {
  const seen: unknown[] = []
  let timer: unknown
  await inVirtualTime(async () => {
    timer = setTimeout(
      function (this: unknown, ...args: unknown[]) {
        seen.push(this, ...args)
      },
      1,
      'one',
      2
    )
    await sleep(2)
  })
  expect(seen).toEqual([timer, 'one', 2])
})

test('a timer without a function throws the error that Node throws', async () => {
  const thrown = (run: () => void): unknown => {
    try {
      run()
    } catch (error) {
      return error
    }
    return undefined
  }
  const real = thrown(() => setTimeout('x' as never, 1))
  await inVirtualTime(() => {
    expect(thrown(() => setTimeout('x' as never, 1))).toEqual(real)
    expect(thrown(() => setInterval(undefined as never, 1))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
  })
  expect(real).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
})

test('a cleared timer does not fire, however it is cleared', async () => {
  const lines = await inVirtualTime(async (log) => {
    clearTimeout(setTimeout(log, 1, 'timeout'))
    clearTimeout(setInterval(log, 1, 'interval'))
    clearTimeout(+setTimeout(log, 1, 'number'))
    clearInterval(`${+setTimeout(log, 1, 'string')}`)
    setTimeout(log, 1, 'closed').close()
    setTimeout(log, 1, 'disposed')[Symbol.dispose]()
    const twice = setTimeout(log, 1, 'twice')
    clearTimeout(twice)
    clearTimeout(twice)
    for (const nothing of [undefined, null, 'x', 12, Symbol('x'), {}]) clearTimeout(nothing as never)
    setTimeout(log, 2, 'left')
    await sleep(5)
  })
  expect(lines).toEqual(['2 left'])
})

test('an interval fires again and again, after what its callback starts for the same time', async () => {
  const lines = await inVirtualTime(async (log) => {
    const interval = setInterval(() => {
      log('interval')
      setTimeout(log, 10, 'timeout')
    }, 10)
    await sleep(25)
    clearInterval(interval)
    await sleep(100)
  })
  expect(lines).toEqual(['10 interval', '20 timeout', '20 interval', '30 timeout'])
})

test('an interval can be cleared, refreshed, unref’d and ref’d in its own callback', async () => {
  const lines = await inVirtualTime(async (log, clock) => {
    const cleared = setInterval(() => {
      log('cleared')
      clearInterval(cleared)
    }, 10)
    let left = 2
    const interval = setInterval(() => {
      log('refreshed')
      interval.refresh()
      interval.unref()
      if (--left === 0) interval.ref().close()
    }, 12)
    await sleep(50)
    expect(clock.pending).toBe(0)
  })
  expect(lines).toEqual(['10 cleared', '12 refreshed', '24 refreshed'])
})

test('an interval whose callback throws goes on', async () => {
  const clock = new VirtualClock()
  const times: number[] = []
  const start = () => {
    setInterval(() => {
      times.push(clock.now())
      throw new Error(`thrown at ${clock.now()}`)
    }, 10)
    return sleep(100)
  }
  await expect(clock.run(start)).rejects.toThrow('thrown at 10')
  await expect(clock.run(() => sleep(100))).rejects.toThrow('thrown at 20')
  expect(times).toEqual([10, 20])
})

test('refresh puts a timer off, and starts one again that has fired, but not one that was cleared', async () => {
  const lines = await inVirtualTime(async (log) => {
    const timer = setTimeout(log, 10, 'fired')
    for (const ms of [4, 8, 12]) setTimeout(() => timer.refresh(), ms)
    await sleep(30)
    timer.refresh()
    await sleep(20)
    timer.close()
    timer.refresh()
    const once = setTimeout(() => {
      log('once')
      clearTimeout(once)
      once.refresh()
    }, 10)
    await sleep(50)
  })
  expect(lines).toEqual(['22 fired', '40 fired', '60 once'])
})

test('hasRef says whether a timer was unref’d', async () => {
  await inVirtualTime(() => {
    const timer = setTimeout(() => {}, 1)
    const before = timer.hasRef()
    expect([before, timer.unref().hasRef(), timer.ref().hasRef()]).toEqual([true, false, true])
    timer.close()
  })
})

test('a timer from before can be cleared within a run, and no virtual timer has its number', async () => {
  const before = setTimeout(() => {}, 86_400_000)
  const numbered = setTimeout(() => {}, 86_400_000)
  const lines = await inVirtualTime(async (log) => {
    const numbers = Array.from({ length: 200 }, (_, i) => +setTimeout(log, 5, `timer ${i}`))
    expect(numbers).not.toContain(+numbered)
    clearTimeout(before)
    clearTimeout(+numbered)
    await sleep(10)
  })
  expect(lines.length).toBe(200)
  expect([before, numbered].map((timer) => (timer as unknown as { _destroyed: boolean })._destroyed)).toEqual(
    [true, true]
  )
})

test('a timer that outlives its run can be cleared after it', async () => {
  const clock = new VirtualClock()
  const fired: string[] = []
  const [byClear, byClose, left] = await clock.run(() =>
    ['clear', 'close', 'left'].map((name) => setTimeout(() => fired.push(name), 10))
  )
  clearTimeout(byClear)
  byClose!.close()
  expect([clock.pending, left!.hasRef()]).toEqual([1, true])
  await clock.run(() => sleep(20))
  expect(fired).toEqual(['left'])
})

test('node:timers, also as imported by name, are virtual too', async () => {
  const lines = await inVirtualTime(async (log) => {
    timers.setTimeout(log, 10, 'by module')
    nodeSetTimeout(log, 11, 'by name')
    await promisify(setTimeout)(12)
    log('promisified')
    await promisify(timers.setTimeout)(12)
    log('promisified of the module')
  })
  expect(lines).toEqual(['10 by module', '11 by name', '12 promisified', '24 promisified of the module'])
})

test('the promises of node:timers are virtual, give their value, and stop at a signal', async () => {
  const lines = await inVirtualTime(async (log, clock) => {
    log(await sleep(10, 'value'))
    await scheduler.wait(5)
    log('waited')
    const controller = new AbortController()
    setTimeout(() => controller.abort('enough'), 3)
    const aborted = { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' }
    await expect(sleep(10, null, { signal: controller.signal })).rejects.toMatchObject(aborted)
    log('aborted')
    await expect(sleep(10, null, { signal: controller.signal })).rejects.toMatchObject(aborted)
    log('aborted before')
    expect(clock.pending).toBe(0)
  })
  expect(lines).toEqual(['10 value', '15 waited', '18 aborted', '18 aborted before'])
})

test('an interval of node:timers/promises gives each tick, also those that came between two calls of next', async () => {
  const lines = await inVirtualTime(async (log, clock) => {
    let count = 0
    for await (const value of ticks(10, 'tick')) {
      log(value)
      if (++count === 1) await sleep(25)
      if (count === 4) break
    }
    expect(clock.pending).toBe(0)
    const { signal } = new (class extends AbortController {
      timer = setTimeout(() => this.abort(), 15)
    })()
    const broken = (async () => {
      for await (const _ of ticks(10, undefined, { signal })) log('tick')
    })()
    await expect(broken).rejects.toMatchObject({ code: 'ABORT_ERR' })
  })
  expect(lines).toEqual(['10 tick', '35 tick', '35 tick', '40 tick', '50 tick'])
})

test('a deadlock does not wait for a wait with ref: false', async () => {
  const run = new VirtualClock().run(() => sleep(10, null, { ref: false }))
  await expect(run).rejects.toThrow('nothing can happen any more')
})

test('AbortSignal.timeout aborts in virtual time, and a run waits for it', async () => {
  const lines = await inVirtualTime(async (log) => {
    const signal = AbortSignal.timeout(5000)
    await once(signal, 'abort')
    log(signal.reason.name)
    expect(signal.reason).toBeInstanceOf(DOMException)
  })
  expect(lines).toEqual(['5000 TimeoutError'])
})

test('Date and performance have virtual time, and Date is otherwise as before', async () => {
  const before = new Date(0)
  await inVirtualTime(async (_, clock) => {
    clock.at(1234.9, () => {})
    await sleep(1235)
    expect([Date.now(), performance.now()]).toEqual([EPOCH + 1235, 1235])
    expect(new Date().toISOString()).toBe('2000-01-01T00:00:01.235Z')
    expect(Date()).toBe(new Date().toString())
    expect(Date.UTC(1999, 1, 2)).toBe(917913600000)
    expect(Date.parse('2020-01-01T00:00:00Z')).toBe(1577836800000)
    expect(new Date(2020, 5).getFullYear()).toBe(2020)
    expect(new Date('2020-01-01T00:00:00Z').toISOString()).toBe('2020-01-01T00:00:00.000Z')
    expect(before).toBeInstanceOf(Date)
    expect(new Date()).toBeInstanceOf(Date)
    expect(new Date().constructor).toBe(Date)
    class Birthday extends Date {}
    expect(new Birthday().getTime()).toBe(EPOCH + 1235)
    expect(new Birthday()).toBeInstanceOf(Birthday)
  })
  expect(new Date()).toBeInstanceOf(Date)
  expect(Date.now()).toBeGreaterThan(EPOCH + 86_400_000)
})

test('the first date can be chosen', async () => {
  const clock = new VirtualClock({ epoch: 1_000_000 })
  await expect(clock.run(() => Date.now())).resolves.toBe(1_000_000)
})
