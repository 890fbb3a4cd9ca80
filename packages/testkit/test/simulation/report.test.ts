import { createServer } from 'node:net'
import { Networker } from '@basestore/networker'
import { MemoryDisk } from '@basestore/storage-memory'
import Corestore from 'corestore'
import { afterEach, describe, expect, test } from 'vitest'
import {
  runScenario,
  type Scenario,
  SimulationError,
  type SimulationOptions,
  simulate,
  type TraceEvent
} from '../../src/simulation/index.js'
import { SharedLog } from './shared-log.js'

const SEED = 'BASESTORE_SIM_SEED'
const options: SimulationOptions = {
  seed: 1,
  link: { latency: { uniform: [10, 50] } },
  discovery: { lookupDelay: { uniform: [10, 100] }, refresh: 5_000 }
}

/** Five peers, of which two are cut off for a while and then catch up. */
const fallingApart: Scenario = async (sim) => {
  const log = await SharedLog.of(await sim.peer('writer'), 5)
  const readers = await sim.peers(4, { start: log.read })
  await log.until(sim, readers, 5)
  using _cut = sim.network.partition(['c', 'd'], ['writer', 'a', 'b'])
  await log.core.append('block 5')
  await log.until(sim, readers.slice(0, 2), 6)
  await sim.sleep(15_000)
  for (const reader of readers.slice(2)) expect(log.at(reader)).toBe(5)
  _cut()
  await log.until(sim, readers, 6)
}

describe('a report', () => {
  test('describes a run without failures', async () => {
    const events: TraceEvent[] = []
    const onevent = (event: TraceEvent) => events.push(event)
    const report = await simulate({ ...options, onevent, command: 'npm test' }, async function greeting(sim) {
      await sim.peers(2)
      await sim.connect('line')
      sim.note('hello')
      await sim.chaos({ resets: 3, duration: 60_000 })
    })
    const frames = events.filter((event) => event.type === 'frame')
    expect(report).toMatchObject({
      ok: true,
      name: 'greeting',
      seed: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      frames: frames.length,
      lost: events.filter(({ type }) => type === 'lost').length,
      bytes: frames.reduce((sum, { size }) => sum + size, 0),
      failures: [],
      leaks: [],
      command: 'npm test'
    })
    expect(report.frames).toBeGreaterThan(10)
    expect(report.events).toBeGreaterThan(report.frames / 2)
    expect(report.virtualTime).toBeGreaterThanOrEqual(60_000)
    expect(report.wallTime).toBeLessThan(10_000)
    expect(report.peakMemory).toBeGreaterThan(10 * 2 ** 20)
    expect(report.faults.map(({ kind }) => kind)).toEqual(report.faults.map(() => 'resets'))
    expect(report.faults.length).toBeGreaterThan(0)
    expect(
      events.filter((event) => event.type === 'peer').map(({ peer, what }) => `${peer} ${what}`)
    ).toEqual(['a start', 'b start', 'a leave', 'b leave'])
    expect(events).toContainEqual({ type: 'note', time: expect.any(Number), text: 'hello' })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('is what simulate throws when something failed, with what repeats it, and the error itself', async () => {
    const cause = new Error('it broke')
    const failing: Scenario = async (sim) => {
      await sim.sleep(1_500)
      throw cause
    }
    const error = await simulate({ seed: 'x' }, failing).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SimulationError)
    expect(error).toMatchObject({ code: 'SIMULATION_FAILED' })
    const { message, report, cause: first } = error as SimulationError
    expect(message).toBe(
      `at 1.500 s: it broke\n\nSeed x. Repeat it: ${SEED}=x with the command that ran this test`
    )
    expect(first).toBe(cause)
    expect(report.ok).toBe(false)
    expect(report.failures).toEqual([{ time: 1_500, message: 'it broke', stack: cause.stack }])
  })

  test('tells of what was left behind beside what failed', async () => {
    const failing: Scenario = () => {
      setTimeout(() => {}, 1_000)
      throw new Error('it broke')
    }
    await expect(simulate({}, failing)).rejects.toThrow(
      /^at 0\.000 s: it broke\n\nleft behind:\n {2}a timer of 1000 ms, .*\n\nSeed 0\. Repeat it: /
    )
  })

  test('has a command that names the faults to which chaos was limited', async () => {
    const commandOf = async (faults: readonly number[]) => (await simulate({ faults }, () => {})).command
    const test = `${SEED}=0 with the command that ran this test`
    expect(await commandOf([3, 7])).toBe(`${test}, and its option faults: [3, 7]`)
    expect(await commandOf([])).toBe(`${test}, and its option faults: []`)
  })

  test('counts the frames that never arrived', async () => {
    const lost: TraceEvent[] = []
    const onevent = (event: TraceEvent) => event.type === 'lost' && lost.push(event)
    const report = await simulate({ link: { latency: 50 }, onevent }, async (sim) => {
      const [a] = await sim.peers(2)
      await sim.connect('line')
      const leaving = a!.leave()
      await sim.sleep(1)
      sim.network.reset('a', 'b')
      await leaving
    })
    expect(lost.length).toBeGreaterThan(0)
    expect(report.lost).toBe(lost.length)
  })

  test('has a name even if the scenario has none', async () => {
    expect((await simulate({}, () => {})).name).toBe('simulation')
    expect((await simulate({ name: 'mine' }, () => {})).name).toBe('mine')
  })
})

describe('the seed', () => {
  afterEach(() => {
    delete process.env[SEED]
  })

  test('decides the run: the same seed repeats it, whatever ran before, and another seed does not', async () => {
    const run = (seed: number | string) => simulate({ ...options, seed }, fallingApart)
    const { hash, events, virtualTime } = await run(1)
    const two = await run(2)
    expect(two.hash).not.toBe(hash)
    expect(await run(1)).toMatchObject({ hash, events, virtualTime })
    expect((await run('1')).hash).toBe(hash)
  })

  test('comes from the environment where the options have none', async () => {
    process.env[SEED] = '42'
    expect((await simulate({}, () => {})).seed).toBe(42)
    expect((await simulate({ seed: 1 }, () => {})).seed).toBe(1)
    process.env[SEED] = 'forty-two'
    expect((await simulate({}, () => {})).seed).toBe('forty-two')
    process.env[SEED] = ''
    expect((await simulate({}, () => {})).seed).toBe(0)
  })

  test('also decides Math.random, and a generator for each name', async () => {
    const draw = async (seed: number, more: boolean) => {
      const drawn: number[] = []
      await simulate({ seed }, (sim) => {
        if (more) sim.random('another').unit()
        drawn.push(sim.random('mine').unit(), sim.random('yours').unit(), Math.random())
      })
      return drawn
    }
    const drawn = await draw(1, false)
    expect(new Set(drawn).size).toBe(3)
    expect(await draw(1, true)).toEqual(drawn)
    expect(await draw(2, false)).not.toEqual(drawn)
    expect(Math.random()).not.toBe(Math.random())
  })

  test('gives a pair of peers the same delays whoever else there is', async () => {
    const framesOf = async (names: readonly string[]) => {
      const frames: string[] = []
      const onevent = (event: TraceEvent) => {
        if (event.type !== 'frame' || `${event.from}${event.to}`.includes('other')) return
        frames.push(`${event.from} ${event.to} ${event.size} ${event.sent} ${event.time}`)
      }
      await simulate({ ...options, onevent }, async (sim) => {
        await sim.peers(names)
        const [a, b] = [sim.all.get('a')!, sim.all.get('b')!]
        await sim.connect('line', [a, b])
        if (names.length > 2)
          await sim.connect(
            'full',
            [...sim.all.values()].filter((peer) => peer !== a)
          )
        await sim.sleep(20_000 - sim.now)
      })
      return frames
    }
    const alone = await framesOf(['a', 'b'])
    expect(alone.length).toBeGreaterThan(5)
    expect((await framesOf(['other', 'a', 'b'])).slice(0, alone.length - 4)).toEqual(alone.slice(0, -4)) // the last frames differ: the runs end at different times
  })

  test.each([
    [{ seed: Number.NaN }, 'seed must be a string or a finite number, got NaN'],
    [{ store: 'paper' }, "store must be 'memory' or 'rocksdb', got 'paper'"]
  ])('and the store are checked: %o', async (wrong, expected) => {
    await expect(runScenario(wrong as SimulationOptions, () => {})).rejects.toThrow(expected)
  })
})

test('a partition of five peers takes few events, and so little time', async () => {
  const { events, frames } = await simulate(options, fallingApart)
  expect(events).toBeLessThan(2_000)
  expect(frames).toBeLessThan(2_000)
})

describe('an error that nobody catches', () => {
  test('fails the run, ends neither the run nor the process, and reaches no other listener', async () => {
    const elsewhere: unknown[] = []
    const listener = (error: unknown) => elsewhere.push(error)
    process.on('unhandledRejection', listener)
    const before = process.listeners('unhandledRejection')
    try {
      const { failures, virtualTime } = await runScenario({}, async (sim) => {
        void Promise.reject(new Error('rejected'))
        await sim.sleep(100)
        queueMicrotask(() => {
          throw new Error('thrown in a microtask')
        })
        await sim.sleep(100)
        setImmediate(() => {
          throw new Error('thrown in an immediate')
        })
        await sim.sleep(100)
        void Promise.reject('a string')
        await sim.sleep(100)
      })
      expect(failures.map(({ time, message }) => `${time} ${message}`)).toEqual([
        '0 rejected',
        '100 thrown in a microtask',
        '200 thrown in an immediate',
        '300 a string was thrown'
      ])
      expect(virtualTime).toBe(400)
      expect(elsewhere).toEqual([])
      expect(process.listeners('unhandledRejection')).toEqual(before)
    } finally {
      process.removeListener('unhandledRejection', listener)
    }
  })

  test('from a timer ends the run, which cleans up', async () => {
    const report = await runScenario({ link: { latency: 20 } }, async (sim) => {
      await sim.peers(2)
      await sim.connect('line')
      setTimeout(() => {
        throw new Error('thrown by a timer')
      }, 500)
      sim.signal.addEventListener('abort', () => {
        setTimeout(() => {
          throw new Error('thrown by another, while all ends')
        }, 1)
      })
      await sim.sleep(1e6)
    })
    expect(report.failures.map(({ message }) => message)).toEqual([
      'thrown by a timer',
      'thrown by another, while all ends'
    ])
    expect(report.virtualTime).toBeLessThan(2_000)
    expect(report.leaks).toEqual([])
  })

  test('counts once, also when it reaches several places', async () => {
    const error = new Error('once')
    const { failures } = await runScenario({}, async (sim) => {
      void Promise.reject(error)
      await sim.sleep(1)
      throw error
    })
    expect(failures.map(({ message }) => message)).toEqual(['once'])
  })
})

test('a peer that cannot close fails the run', async () => {
  const { failures } = await runScenario({}, async (sim) => {
    const alice = await sim.peer('alice')
    alice.store.close = () => Promise.reject(new Error('it does not close'))
  })
  expect(failures.map(({ message }) => message)).toEqual(['it does not close'])
})

test('a peer that never closes is told of', async () => {
  const { failures } = await runScenario({}, async (sim) => {
    const alice = await sim.peer('alice')
    alice.store.close = () => new Promise(() => {})
  })
  expect(failures).toHaveLength(1)
  expect(failures[0]!.message).toContain('Still awaited:\n  the end of alice\n')
})

describe('one simulation at a time', () => {
  const wait: Scenario = (sim) => sim.sleep(1_000)
  const refusal = 'a simulation runs in this process already; await it first'

  test('another one beside it is refused, and does it no harm', async () => {
    const { hash } = await simulate({ seed: 1 }, wait)
    const first = simulate({ seed: 1 }, wait)
    const second = simulate({ seed: 2 }, wait)
    await expect(second).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(second).rejects.toThrow(refusal)
    expect((await first).hash).toBe(hash)
  })

  test('and so is one within it', async () => {
    const { failures } = await runScenario({}, async () => void (await simulate({}, wait)))
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining(refusal)])
  })
})

describe('what is left behind', () => {
  const leaksOf = async (scenario: Scenario) => (await runScenario({ link: { latency: 10 } }, scenario)).leaks

  test('is nothing where all is cleared up, and fails the run otherwise', async () => {
    expect(await leaksOf(fallingApart)).toEqual([])
    const scenario: Scenario = () => void setTimeout(() => {}, 1_000)
    await expect(simulate({}, scenario)).rejects.toThrow('left behind:\n  a timer of 1000 ms')
  })

  test('a timer: how long it takes, and when it was set', async () => {
    const leaks = await leaksOf(async (sim) => {
      await sim.sleep(2_000)
      setTimeout(() => {}, 30_000)
      setInterval(() => {}, 500).unref()
    })
    expect(leaks).toEqual([
      'a timer of 30000 ms, set at 2.000 s and due at 32.000 s',
      'a timer of 500 ms, set at 2.000 s and due at 2.500 s'
    ])
  })

  test('many timers: the first, and how many more', async () => {
    const leaks = await leaksOf(() => {
      for (let i = 0; i < 20; i++) setTimeout(() => {}, 1_000)
    })
    expect(leaks).toHaveLength(9)
    expect(leaks.at(-1)).toBe('12 more timers or frames')
  })

  test('a handle: its kind', async () => {
    const server = createServer()
    try {
      const leaks = await leaksOf(
        () => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
      )
      expect(leaks).toEqual(['1 handle of the process: TCPServerWrap'])
    } finally {
      server.close()
    }
  })

  test('listeners of the process: of what', async () => {
    const listener = () => {}
    try {
      const leaks = await leaksOf(() => void process.on('SIGUSR2', listener).on('exit', listener))
      expect(leaks).toContain('1 listener of the process: exit')
      expect(leaks).toContain('1 listener of the process: SIGUSR2')
    } finally {
      process.removeListener('SIGUSR2', listener).removeListener('exit', listener)
    }
  })

  test('streams: which links they are', async () => {
    const leaks = await leaksOf(async (sim) => {
      const networkers: Networker[] = []
      for (const name of ['alice', 'bob']) {
        const store = new Corestore(new MemoryDisk().open())
        const keyPair = await store.createKeyPair('networker')
        networkers.push(new Networker(store, { keyPair, transports: [sim.network.transport(name)] }))
      }
      for (const networker of networkers) await networker.listen()
      await networkers[0]!.connect(networkers[1]!.keyPair.publicKey)
    })
    expect(leaks.at(-1)).toBe('link 1 from alice to bob, dialled at 0.000 s')
    expect(
      leaks.slice(0, -1).every((leak) => /^(a timer of \d+ ms|something of the network), set at/.test(leak))
    ).toBe(true)
  })
})
