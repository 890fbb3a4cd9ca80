import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { planChaos } from '../../src/simulation/chaos/plan.js'
import { runScenario, type Simulation, type SimulationOptions, simulate } from '../../src/simulation/index.js'

const refused = (detail: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(detail) })

test.each<[unknown, string]>([
  [null, 'the options of a simulation must be an object, got null'],
  [{ sed: 1 }, "unknown option 'sed'; did you mean 'seed'?"],
  [{ onEvent() {} }, "did you mean 'onevent'?"],
  [{ latency: 5 }, 'the options of a simulation are name, seed, link, discovery, store, limits, faults,'],
  [{ limits: true }, 'limits must be an object, got true'],
  [{ limits: { walls: 1 } }, "unknown option 'walls'; did you mean 'wall'?"],
  [{ link: { latencie: 1 } }, "did you mean 'latency'?"],
  [{ discovery: { misssed: 1 } }, "did you mean 'missed'?"],
  [{ onevent: 1 }, 'onevent must be a function, got 1']
])('a simulation refuses the options %o', async (options, detail) => {
  for (const run of [simulate, runScenario]) {
    await expect(run(options as SimulationOptions, () => {})).rejects.toEqual(refused(detail))
  }
})

test.each<[string, object, string]>([
  [
    'chaos',
    { crash: 1 },
    "unknown option 'crash'; the options of chaos() are resets, splits, clogs, crashes, pauses,"
  ],
  ['chaos', { reset: 1 }, "did you mean 'resets'?"],
  ['chaos', { duratoin: 1 }, "did you mean 'duration'?"],
  ['chaos', { quiet: { evry: 1, length: 1 } }, "did you mean 'every'?"],
  ['chaos', { quiet: true }, 'quiet must be an object, got true']
])('%s refuses %o', (_, options, detail) => {
  expect(() => planChaos(options, ['a', 'b'], '0')).toThrow(refused(detail))
})

describe('within a scenario', () => {
  /** What is thrown by each of some calls. */
  async function thrownBy(calls: (sim: Simulation) => (() => unknown)[]): Promise<unknown[]> {
    const errors: unknown[] = []
    await simulate({}, async (sim) => {
      await sim.peer('a')
      for (const call of calls(sim)) {
        try {
          await call()
          errors.push('nothing')
        } catch (error) {
          errors.push(error)
        }
      }
    })
    return errors
  }

  test('no method ignores what it does not know', async () => {
    const truly = () => true
    const errors = await thrownBy((sim) => [
      () => sim.peer('b', { netwrker: {} } as object),
      () => sim.peer('c', { Start() {} } as object),
      () => sim.peer('d', { start: true } as object),
      () => sim.peer('e', { networker: { maxPeer: 1 } } as object),
      () => sim.peer('f', { networker: { keyPair: {} } } as object),
      () => sim.peer('g', { host: { name: 'x' } } as object),
      () => sim.peer('h', { host: { NAT: 'open' } } as object),
      () => sim.until(truly, { timeout: 1 } as object),
      () => sim.until(truly, { Why: 'x' } as object),
      () => sim.always('x', truly, { evry: 1 } as object),
      () => sim.sometimes('x', truly, { each: 1 } as object),
      () => sim.eventually('x', truly, { withn: 1 } as object),
      () => sim.chaos({ churns: 1 } as object),
      () => sim.all.get('a')!.crash({ link: 'reset' } as object),
      () => sim.all.get('a')!.crash({ links: 'loud' } as object),
      () => sim.all.get('a')!.crash({ store: { loose: 1 } } as object)
    ])
    expect(errors).toEqual(
      [
        "did you mean 'networker'?",
        "did you mean 'start'?",
        'start must be a function, got true',
        "did you mean 'maxPeers'?",
        "unknown option 'keyPair'; leave it out: the simulation gives each peer's networker its own",
        "unknown option 'name'; leave it out: a host has the name of its peer",
        "did you mean 'nat'?",
        'the options of until() are within, why and who',
        "did you mean 'why'?",
        "did you mean 'every'?",
        'the options of a check are every',
        "did you mean 'within'?",
        "did you mean 'churn'?",
        "did you mean 'links'?",
        "links must be 'silent' or 'reset', got loud",
        "did you mean 'lose'?"
      ].map(refused)
    )
  })

  test('no log of a peer has a secret key', async () => {
    let shown = ''
    await simulate({}, async (sim) => {
      const [a] = await sim.peers(2)
      await sim.connect('full')
      shown = inspect([a, sim.network, a!.networker, a!.host], { depth: 8 })
    })
    expect(shown).toMatch(/SimulatedPeer \{ name: 'a' \}/)
    expect(shown).not.toMatch(/secretKey|primaryKey/)
  })
})
