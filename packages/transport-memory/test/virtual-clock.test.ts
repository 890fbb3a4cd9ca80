import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setImmediate as immediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type StuckReason, VirtualClock } from '../src/time/virtual-clock.js'

const never = () => new Promise<never>(() => {})
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

test('time passes only within a run, and a day takes no time', async () => {
  const clock = new VirtualClock()
  const start = performance.now()
  const answer = await clock.run(async () => {
    await sleep(86_400_000)
    return 'answer'
  })
  expect(answer).toBe('answer')
  expect(clock.now()).toBe(86_400_000)
  expect(performance.now() - start).toBeLessThan(86_400_000)
})

test('events come by time and rank, timers after them, and an event in the past comes now', async () => {
  const clock = new VirtualClock()
  const order: string[] = []
  const note = (name: string) => () => order.push(`${name} at ${clock.now()}`)
  await clock.run(async () => {
    setTimeout(note('timer'), 10)
    clock.at(10, note('second'), 2)
    clock.at(10, note('first'), 1)
    clock.at(10, () => {
      clock.at(3, note('past'), 3)
      clock.soon(note('soon'), 3)
    })
    clock.at(5, note('cancelled')).cancel()
    await sleep(11)
  })
  expect(order).toEqual(['first at 10', 'second at 10', 'past at 10', 'soon at 10', 'timer at 10'])
})

test('before each event everything comes to rest: ticks, microtasks, immediates, the file system, and probes', async () => {
  const clock = new VirtualClock()
  const order: string[] = []
  let isIdle = true
  const forget = clock.waitFor(() => isIdle)
  await clock.run(async () => {
    setTimeout(() => {
      order.push('first')
      process.nextTick(() => order.push('tick'))
      queueMicrotask(() => order.push('microtask'))
      void (async () => {
        for (let i = 0; i < 50; i++) await immediate()
        order.push('immediates')
        await readFile(new URL(import.meta.url))
        await readFile(new URL(import.meta.url))
        order.push('files')
        isIdle = false
        await once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit')
        order.push('probe')
        isIdle = true
      })()
    }, 1)
    setTimeout(() => order.push('second'), 1)
    await sleep(2)
  })
  forget()
  expect(order).toEqual(['first', 'tick', 'microtask', 'immediates', 'files', 'probe', 'second'])
})

test('a run rejects with the error that its function throws, at once or later', async () => {
  const trouble = new Error('trouble')
  const clock = new VirtualClock()
  const thrower = () => {
    throw trouble
  }
  await expect(clock.run(thrower)).rejects.toBe(trouble)
  await expect(clock.run(() => sleep(5).then(thrower))).rejects.toBe(trouble)
  expect(clock.now()).toBe(5)
})

test('a run rejects with the error of a callback, and the next run does not', async () => {
  const clock = new VirtualClock()
  const thrower = (message: string) => () => {
    throw new Error(message)
  }
  const run = clock.run(() => {
    setTimeout(thrower('of a timer'), 3)
    return never()
  })
  await expect(run).rejects.toThrow('of a timer')
  clock.at(7, thrower('of the clock'))
  await expect(clock.run(never)).rejects.toThrow('of the clock')
  await expect(clock.run(() => sleep(1))).resolves.toBeUndefined()
  expect(clock.now()).toBe(8)
})

test('a run ends when its promise settles, and events that are left are for the next', async () => {
  const clock = new VirtualClock()
  const order: string[] = []
  await clock.run(async () => {
    setTimeout(() => order.push('late'), 100)
    await sleep(10)
  })
  expect([order, clock.now(), clock.pending]).toEqual([[], 10, 1])
  await clock.run(() => sleep(90))
  expect([order, clock.now(), clock.pending]).toEqual([['late'], 100, 0])
})

test('a run that waits for something that cannot come is a deadlock', async () => {
  await expect(new VirtualClock().run(never)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining('nothing can happen any more')
  })
  const clock = new VirtualClock()
  const run = clock.run(() => {
    setInterval(() => {}, 1000).unref()
    return sleep(5).then(never)
  })
  await expect(run).rejects.toThrow('nothing can happen any more')
  expect(clock.now()).toBe(5)
})

test('a deadlock does not wait for timers that are unref’d, also after they were ref’d again, fired or closed', async () => {
  const clock = new VirtualClock()
  const order: string[] = []
  const run = clock.run(() => {
    setTimeout(() => order.push('again'), 30)
      .unref()
      .ref()
    setTimeout(() => order.push('background'), 10)
      .unref()
      .unref()
    setTimeout(() => {}, 20)
      .unref()
      .close()
      .ref()
      .unref()
    const refreshed = setTimeout(() => order.push('refreshed'), 15).unref()
    setTimeout(() => refreshed.refresh(), 5)
    setTimeout(() => order.push('never'), 31).unref()
    return never()
  })
  await expect(run).rejects.toThrow('nothing can happen any more')
  expect(order).toEqual(['background', 'refreshed', 'again'])
  expect(clock.now()).toBe(30)
})

test('onstuck can get the run going again after a deadlock, once', async () => {
  const clock = new VirtualClock()
  const reasons: StuckReason[] = []
  let wake = () => {}
  const waiting = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const onstuck = (reason: StuckReason) => {
    reasons.push(reason)
    wake()
  }
  await expect(clock.run(() => waiting().then(() => 'awake'), { onstuck })).resolves.toBe('awake')
  await expect(clock.run(() => waiting().then(waiting), { onstuck })).rejects.toThrow('nothing can happen')
  expect(reasons).toEqual(['deadlock', 'deadlock'])
})

const forever = () => {
  setInterval(() => {}, 10)
  return never()
}

test.each([
  ['time', 1000, 'limit of 1000 virtual ms after 100 events'],
  ['events', 50, 'limit of 50 events after 50 events'],
  ['wall', 20, 'limit of 20 real ms after'],
  ['memory', 1, 'limit of 1 bytes of memory after 0 events']
] as const)('a run has a limit of %s', async (name, limit, message) => {
  const clock = new VirtualClock({ limits: { [name]: limit } })
  await expect(clock.run(forever)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining(message)
  })
})

test.each([
  ['time', 100],
  ['events', 100],
  ['wall', 1_000] // a busy machine may keep a process waiting for almost half of it
] as const)('after onstuck a run may use half of the limit of %s again', async (name, limit) => {
  const clock = new VirtualClock({ limits: { [name]: limit } })
  const reasons: StuckReason[] = []
  let cleanUp = () => {}
  const run = clock.run(
    async () => {
      const timer = setInterval(() => {}, 10)
      await new Promise<void>((resolve) => {
        cleanUp = resolve
      })
      await sleep(10)
      clearInterval(timer)
      return 'clean'
    },
    {
      onstuck: (reason) => {
        reasons.push(reason)
        cleanUp()
      }
    }
  )
  await expect(run).resolves.toBe('clean')
  expect(reasons).toEqual([name])
})

test('a run that goes on after onstuck is stopped', async () => {
  const clock = new VirtualClock({ limits: { time: 100 } })
  const reasons: StuckReason[] = []
  const run = clock.run(forever, { onstuck: (reason) => reasons.push(reason) })
  await expect(run).rejects.toThrow('limit of 100 virtual ms after 15 events')
  expect(reasons).toEqual(['time'])
})

test('the limits apply also while the process does not come to rest, and the error says why', async () => {
  const clock = new VirtualClock({ limits: { wall: 20 } })
  const forget = clock.waitFor(() => false)
  await expect(clock.run(never)).rejects.toThrow(/20 real ms.*waits for what waitFor\(\) was told of/)
  await expect(clock.run(() => 'settled')).resolves.toBe('settled')
  forget()

  let spins = true
  const spin = () => spins && setImmediate(spin)
  const spinning = clock.run(() => {
    spin()
    return never()
  })
  try {
    await expect(spinning).rejects.toThrow(/20 real ms.*waits for Immediate/)
  } finally {
    spins = false
  }
})

test('a probe that throws ends the run', async () => {
  const clock = new VirtualClock()
  clock.waitFor(() => {
    throw new Error('no database')
  })
  await expect(clock.run(never)).rejects.toThrow('no database')
})

test('two clocks cannot run at once, nor one twice, and the run that goes on is not disturbed', async () => {
  const [clock, other] = [new VirtualClock(), new VirtualClock()]
  const run = clock.run(async () => {
    for (const second of [clock, other]) {
      await expect(second.run(never)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('runs')
      })
    }
    await sleep(10)
    return clock.now()
  })
  await expect(run).resolves.toBe(10)
  await expect(other.run(() => sleep(3))).resolves.toBeUndefined()
  await expect(clock.run(() => sleep(3))).resolves.toBeUndefined()
})

test('the same program runs the same events at the same times', async () => {
  const run = async () => {
    const clock = new VirtualClock()
    const times: number[] = []
    await clock.run(async () => {
      for (let i = 0; i < 20; i++) setInterval(() => times.push(clock.now() * 100 + i), 3 + i)
      await sleep(1000)
    })
    return { times, events: clock.events }
  }
  expect(await run()).toEqual(await run())
})

test('an error that a tick throws goes to Node as always, and the run goes on', async () => {
  const before = process.listeners('uncaughtException')
  const caught: unknown[] = []
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => caught.push(error))
  try {
    const clock = new VirtualClock()
    const error = new Error('thrown by a tick')
    await clock.run(async () => {
      setTimeout(
        () =>
          process.nextTick(() => {
            throw error
          }),
        5
      )
      await sleep(10)
    })
    expect(caught).toEqual([error])
    expect(clock.now()).toBe(10)
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  }
})
