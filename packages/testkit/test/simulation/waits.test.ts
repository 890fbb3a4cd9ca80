import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  runScenario,
  type Scenario,
  type SimulationError,
  type SimulationOptions,
  simulate
} from '../../src/simulation/index.js'

/** The messages of all failures. */
async function failuresOf(options: SimulationOptions, scenario: Scenario): Promise<string[]> {
  const { failures } = await runScenario(options, scenario)
  return failures.map(({ message }) => message)
}

/** The code of the first failure. */
async function codeOf(scenario: Scenario): Promise<unknown> {
  const { cause } = (await simulate({}, scenario).catch((error: unknown) => error)) as SimulationError
  return (cause as { code?: unknown }).code
}

const never = () => new Promise<never>(() => {})

describe('sleep', () => {
  test('takes virtual time, and as long as is asked', async () => {
    await simulate({}, async (sim) => {
      const month = 30 * 24 * 3_600_000 - 1_000
      for (const ms of [0, 0.5, 10, month]) {
        const before = sim.now
        await sim.sleep(ms)
        expect(sim.now).toBe(before + ms)
      }
    })
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('of %d ms is refused', async (ms) => {
    expect(await failuresOf({}, (sim) => sim.sleep(ms))).toEqual([
      `Invalid option: a sleep takes milliseconds of at least 0, got ${ms}`
    ])
  })
})

describe('until', () => {
  test('waits for a condition, also for an asynchronous one', async () => {
    await simulate({}, async (sim) => {
      await sim.until(() => sim.now >= 500)
      expect(sim.now).toBe(500)
      await sim.until(async () => {
        await sim.sleep(100)
        return sim.now >= 1_000
      })
      expect(sim.now).toBe(1_040)
    })
  })

  test('fails in time: with what was awaited, who is connected to whom, and what those concerned did last', async () => {
    const [message] = await failuresOf({ link: { latency: 10 } }, async (sim) => {
      const [a, , c] = await sim.peers(3)
      await sim.connect('line')
      c!.crash({ links: 'reset' })
      sim.network.partition('a', 'b', { mode: 'hold' })
      await sim.sleep(100)
      await sim.until(() => false, { within: 1_000, why: 'a miracle', who: [a!] })
    })
    const [what, map, events] = message!.split('\n\n')
    expect(what).toBe('Timed out: not within 1000 ms: a miracle, awaited by a')
    expect(map).toBe('Who is connected to whom:\n  a -- b  no topic\n  b -- a  no topic\n  c has crashed')
    expect(events).toMatch(/^What happened last:\n/)
    expect(events).toContain('     0.000 s  a dials b: link 1')
    expect(events).toMatch(/ s {2}partition begins: a <-> b\n/)
    expect(events).not.toContain('c: crash')
  })

  test('fails with the reason of a dial that failed', async () => {
    const [message] = await failuresOf({ link: { latency: 10 } }, async (sim) => {
      const [a, b] = await sim.peers(2)
      sim.network.failDials('a', 'b', 'refused')
      await expect(a!.networker.connect(b!.networker.keyPair.publicKey)).rejects.toThrow()
      await sim.until(() => false, { within: 10, who: [a!] })
    })
    expect(message).toMatch(/ s {2}a dials b: link 1\n/)
    expect(message).toMatch(/ s {2}link 1 from a to b is closed by b: ECONNREFUSED(\n|$)/)
  })

  test('fails with the source of the condition where it is not told why', async () => {
    const [message] = await failuresOf({}, (sim) => sim.until(() => 1 + 1 === 3, { within: 50 }))
    expect(message).toMatch(/^Timed out: not within 50 ms: \(\) => 1 \+ 1 === 3\n/)
  })

  test('fails in time when the condition does not answer', async () => {
    const report = await runScenario({}, (sim) => sim.until(never, { within: 500, why: 'an answer' }))
    expect(report.virtualTime).toBe(500)
    expect(report.failures[0]!.message).toMatch(/^Timed out: not within 500 ms: an answer\n/)
  })

  test('fails when the condition throws, or rejects, and says what it waited for', async () => {
    const cause = new Error('no such thing')
    for (const condition of [
      () => Promise.reject(cause),
      () => {
        throw cause
      }
    ]) {
      const [message] = await failuresOf({}, (sim) => sim.until(condition, { why: 'a thing' }))
      expect(message).toMatch(/^the condition threw: no such thing\n\nIt waited for: a thing\n\nWho is/)
    }
  })

  test('fails in time when rounding moves its end', async () => {
    const report = await runScenario({ limits: { events: 10_000 } }, async (sim) => {
      await sim.sleep(2 ** 16 - 6 + 2 ** -37)
      await sim.until(() => false, { within: 10, why: 'a miracle' })
    })
    expect(report.failures.map(({ message }) => message.split('\n')[0])).toEqual([
      'Timed out: not within 10 ms: a miracle'
    ])
  })

  test('fails in time when what does not answer is the promise of another realm, as in Jest', async () => {
    const elsewhere: () => Promise<boolean> = runInNewContext('() => new Promise(() => {})')
    const [message] = await failuresOf({}, (sim) => sim.until(elsewhere, { within: 50, why: 'it' }))
    expect(message).toMatch(/^Timed out: not within 50 ms: it\n/)
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('within %d ms is refused', async (within) => {
    const expected = [`Invalid option: within must be milliseconds of at least 0, got ${within}`]
    expect(await failuresOf({}, (sim) => sim.until(() => true, { within }))).toEqual(expected)
    expect(await failuresOf({}, (sim) => sim.eventually('it', () => true, { within }))).toEqual(expected)
  })

  test('waits on while the condition uses a peer that is down', async () => {
    await simulate({}, async (sim) => {
      const alice = await sim.peer('alice')
      alice.crash()
      const held = sim.until(() => alice.networker.peers.size === 0, { within: 2_000 })
      await sim.sleep(1_000)
      await alice.restart()
      await held
      expect(sim.now).toBeGreaterThanOrEqual(1_000)
    })
  })
})

test('each failure of a wait or a check has a code', async () => {
  const threw = () => {
    throw new Error('no such thing')
  }
  expect(await codeOf((sim) => sim.until(() => false, { within: 10 }))).toBe('TIMEOUT')
  expect(await codeOf((sim) => sim.until(threw))).toBe('CONDITION_THREW')
  expect(await codeOf(never)).toBe('TIMEOUT')
  expect(await codeOf((sim) => sim.always('so', () => false))).toBe('CHECK_FAILED')
  expect(await codeOf((sim) => sim.sometimes('so', threw))).toBe('CHECK_FAILED')
  expect(await codeOf((sim) => sim.sleep(-1))).toBe('INVALID_OPTION')
})

test('a wait that the end of the run ends rejects with the code CLOSED', async () => {
  let left: Promise<unknown> | undefined
  await simulate({}, (sim) => {
    left = sim.sleep(1_000).catch((error: unknown) => error)
  })
  expect(await left).toMatchObject({ name: 'NetworkerError', code: 'CLOSED' })
})

describe('what always holds', () => {
  test('is looked at all the time, and fails once', async () => {
    const { failures } = await runScenario({}, async (sim) => {
      sim.always('less than a second', () => sim.now < 1_000)
      await sim.sleep(5_000)
    })
    expect(failures.map(({ time, message }) => [time, message.split('\n')[0]])).toEqual([
      [1_000, 'always: less than a second: it was not so']
    ])
  })

  test('is looked at as often as one wants, and at the end', async () => {
    const looks: number[] = []
    await simulate({}, async (sim) => {
      sim.always('counted', () => looks.push(sim.now) > 0, { every: 300 })
      await sim.sleep(1_000)
    })
    expect(looks).toEqual([300, 600, 900, 1_000])
    const [message] = await failuresOf({}, (sim) => sim.always('wrong', () => true, { every: 0 }))
    expect(message).toBe('Invalid option: every must be milliseconds above 0, got 0')
  })

  test.each([undefined, null, 0, ''])('does not hold with %j, which is not true', async (answer) => {
    const wrong = () => answer as unknown as boolean
    const failures = await failuresOf({}, (sim) => sim.always('so', wrong))
    expect(failures.map((message) => message.split('\n')[0])).toEqual(['always: so: it was not so'])
  })

  test('fails when it throws, but not for a peer that is down', async () => {
    const failures = await failuresOf({}, async (sim) => {
      const alice = await sim.peer('alice')
      sim.always('peers', () => alice.networker.peers.size === 0)
      sim.always('sane', async () => Promise.reject(new Error('mad')))
      alice.crash()
      await sim.sleep(1_000)
    })
    expect(failures.map((message) => message.split('\n')[0])).toEqual(['always: sane: it threw: mad'])
  })
})

describe('what holds sometimes', () => {
  test('has to hold once', async () => {
    const failures = await failuresOf({}, async (sim) => {
      sim.sometimes('noon', () => sim.now === 500)
      sim.sometimes('midnight', () => sim.now > 5_000)
      sim.sometimes('the end', () => sim.now === 1_050)
      await sim.sleep(1_050)
    })
    expect(failures.map((message) => message.split('\n')[0])).toEqual([
      'sometimes: midnight: it never was so'
    ])
  })
})

describe('what holds eventually', () => {
  test('may need some time after the scenario', async () => {
    const report = await runScenario({}, async (sim) => {
      sim.eventually('soon', () => sim.now >= 3_000, { within: 4_000 })
      sim.eventually('too late', () => sim.now >= 9_000, { within: 1_000 })
      sim.eventually('thrown', () => {
        throw new Error('no')
      })
      await sim.sleep(1_000)
    })
    expect(report.failures.map(({ message }) => message.split('\n')[0])).toEqual([
      'eventually: thrown: it threw: no',
      "eventually: too late: not within 1000 ms of the scenario's end"
    ])
    expect(report.virtualTime).toBeGreaterThanOrEqual(3_000)
  })

  test('has its time from the end of the scenario on, however long another one takes', async () => {
    const failures = await failuresOf({}, async (sim) => {
      await sim.sleep(1_000)
      sim.eventually('late', () => sim.now >= 31_000)
      sim.eventually('too late', () => sim.now >= 21_000, { within: 5_000 })
    })
    expect(failures.map((message) => message.split('\n')[0])).toEqual([
      "eventually: too late: not within 5000 ms of the scenario's end"
    ])
  })

  test('is not asked when the scenario failed', async () => {
    const failures = await failuresOf({}, (sim) => {
      sim.eventually('never', () => false)
      throw new Error('the scenario is at fault')
    })
    expect(failures).toEqual(['the scenario is at fault'])
  })
})

describe('a run that is stuck', () => {
  test('fails in a deadlock, and all waits reject', async () => {
    const report = await runScenario({}, async (sim) => {
      await sim.peer('alice', { start: never })
    })
    const [message] = report.failures.map(({ message }) => message)
    expect(message).toMatch(
      /^Timed out: nothing can happen any more: no timer, no frame and no work is left\n\nStill awaited:\n/
    )
    expect(message).toContain('\n  the start of alice, since 0.000 s\n')
    expect(message).toContain('\n  the scenario, since 0.000 s\n')
    expect(message).toContain('Who is connected to whom:\n  alice -- nobody  no topic\n')
    expect(message).toContain('0.000 s  alice: start')
    expect(report.failures).toHaveLength(1)
    expect(report.leaks).toEqual([])
  })

  test.each([
    [{ time: 5_000 }, 'the run reached its limit of 5000 virtual ms'],
    [{ events: 50 }, 'the run reached its limit of 50 events'],
    [{ wall: 20 }, 'the run reached its limit of 20 real ms'],
    [{ memory: 1 }, 'the run reached its limit of 1 bytes of memory']
  ])('fails at its limit, of %o', async (limits, expected) => {
    const report = await runScenario({ limits }, async (sim) => {
      await sim.peers(2)
      for (;;) await sim.sleep(100)
    })
    expect(report.failures).toHaveLength(1)
    expect(report.failures[0]!.message).toMatch(new RegExp(`^Timed out: ${expected}\n\nStill awaited:\n  `))
    expect(report.leaks).toEqual([])
  })

  test.each([{ time: 5_000 }, { events: 300 }])(
    'at its limit, of %o, has time to say goodbye: that is no other failure, and leaves nothing',
    async (limits) => {
      const report = await runScenario({ limits, link: { latency: 100 } }, async (sim) => {
        await sim.peers(2)
        await sim.connect('line')
        for (;;) await sim.sleep(10)
      })
      expect(report.failures.map(({ message }) => message.split(' of ')[0])).toEqual([
        'Timed out: the run reached its limit'
      ])
      expect(report.leaks).toEqual([])
    }
  )

  test('is refused when a limit makes no sense', async () => {
    await expect(runScenario({ limits: { wall: 0 } }, never)).rejects.toThrow(
      'limits.wall must be above 0, got 0'
    )
  })
})

test('a scenario may end while other waits go on: these reject, and their finally blocks run', async () => {
  const ended: string[] = []
  await simulate({}, async (sim) => {
    const alice = await sim.peer('alice')
    const wait = async (name: string, waits: Promise<unknown>) => {
      const timer = setInterval(() => {}, 1_000)
      try {
        await waits
      } finally {
        clearInterval(timer)
        ended.push(name)
      }
    }
    void wait('sleep', sim.sleep(1e6))
    void wait(
      'until',
      sim.until(() => false)
    )
    void alice.run(() => wait('program', alice.sleep(1e6)))
    void wait('chaos', sim.chaos({ crashes: 60, pauses: 60, splits: 60, churn: 60 }))
    sim.signal.addEventListener('abort', () => ended.push('signal'))
    await sim.sleep(2_500)
  })
  expect(new Set(ended)).toEqual(new Set(['signal', 'sleep', 'until', 'program', 'chaos']))
})
