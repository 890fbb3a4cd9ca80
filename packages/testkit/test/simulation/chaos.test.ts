import { describe, expect, test } from 'vitest'
import { Collector } from '../../src/picture/collector.js'
import { planChaos } from '../../src/simulation/chaos/plan.js'
import {
  type ChaosOptions,
  runScenario,
  type SimulatedPeer,
  simulate,
  type TraceEvent
} from '../../src/simulation/index.js'
import { SharedLog } from './shared-log.js'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']
const ALL = { resets: 6, splits: 6, clogs: 6, crashes: 6, pauses: 6, churn: 6 }
const HOUR = 3_600_000

function plan(options: ChaosOptions, seed = '0') {
  return planChaos(options, NAMES, seed)
}

describe('a plan of chaos', () => {
  test('follows from the seed', () => {
    expect(plan(ALL)).toEqual(plan(ALL))
    expect(plan(ALL, '1')).not.toEqual(plan(ALL))
  })

  test('has each kind as often as its rate says', () => {
    const planned = plan({ resets: 10, pauses: 1, duration: HOUR })
    const count = (kind: string) => planned.filter((fault) => fault.kind === kind).length
    expect(count('resets')).toBeGreaterThan(540)
    expect(count('resets')).toBeLessThan(660)
    expect(count('pauses')).toBeGreaterThan(40)
    expect(count('pauses')).toBeLessThan(80)
    expect(planned).toHaveLength(count('resets') + count('pauses'))
  })

  test('numbers its faults by time, within the duration, each as long as is asked', () => {
    const planned = plan({ ...ALL, duration: HOUR, lasting: [2_000, 3_000] })
    expect(planned.map(({ id }) => id)).toEqual(planned.map((_, index) => index + 1))
    const times = planned.map(({ time }) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.at(-1)).toBeLessThan(HOUR)
    for (const { kind, duration } of planned) {
      if (kind === 'resets') expect(duration).toBe(0)
      else expect(Math.abs(duration - 2_500)).toBeLessThanOrEqual(500)
    }
  })

  test('of one kind is not shifted by the rate of another', () => {
    const only = (kind: string, options: ChaosOptions) => {
      return plan(options)
        .filter((fault) => fault.kind === kind)
        .map(({ id: _, random, ...fault }) => ({ ...fault, draws: random.unit() }))
    }
    expect(only('churn', { ...ALL, resets: 0, splits: 1 })).toEqual(only('churn', ALL))
  })

  test('leaves quiet phases', () => {
    const quiet = { every: 20_000, length: 10_000 }
    const phases = (options: ChaosOptions) => plan(options).map(({ time }) => time % 30_000 >= 20_000)
    expect(phases({ resets: 60, duration: HOUR })).toContain(true)
    expect(phases({ resets: 60, duration: HOUR, quiet })).not.toContain(true)
  })

  test('lets only victims crash, pause and leave', () => {
    const planned = plan({ ...ALL, duration: HOUR, victims: ['b', 'c'] })
    const hit = (kinds: string) =>
      new Set(planned.filter(({ kind }) => kinds.includes(kind)).flatMap(({ who }) => who))
    expect(hit('crashes pauses churn')).toEqual(new Set(['b', 'c']))
    expect(hit('resets clogs')).toEqual(new Set(NAMES))
  })

  test('has no faults of a kind for which there are too few peers', () => {
    const kinds = (names: readonly string[], victims: readonly string[]) => {
      const planned = planChaos({ ...ALL, duration: HOUR, victims }, names, '0')
      return new Set(planned.map(({ kind }) => kind))
    }
    expect(kinds(NAMES, [])).toEqual(new Set(['resets', 'splits', 'clogs']))
    expect(kinds(['a'], ['a'])).toEqual(new Set(['splits', 'clogs', 'crashes', 'pauses', 'churn']))
  })

  test.each([
    [{ resets: -1 }, 'resets must be a number a minute of at least 0, got -1'],
    [{ duration: Number.POSITIVE_INFINITY }, 'duration must be milliseconds of at least 0, got Infinity'],
    [{ lasting: [5, 1] as const }, 'lasting must be [min, max] in milliseconds, got [5,1]'],
    [{ quiet: { every: 0, length: 0 } }, 'quiet must be { every, length } in milliseconds'],
    [{ victims: ['zoe'] }, "no peer is called 'zoe', there are a, b, c, d, e, f"]
  ])('is refused with %o', (options, expected) => {
    expect(() => plan(options)).toThrow(expected)
  })
})

describe('chaos', () => {
  test('ends with all peers up and all its faults over, and leaves the faults of the scenario', async () => {
    const events: TraceEvent[] = []
    await simulate({ onevent: (event) => events.push(event) }, async (sim) => {
      const peers = await sim.peers(5)
      sim.network.partition('a', 'b')
      await sim.sleep(1_000)
      await sim.chaos({ ...ALL, crashes: 20, duration: 120_000 })
      expect(sim.now).toBeGreaterThanOrEqual(121_000)
      expect(peers.map(({ state }) => state)).toEqual(peers.map(() => 'running'))
      const open = new Set<number>()
      for (const event of events) {
        if (event.type !== 'fault' || /^(kill|reset)/.test(event.kind)) continue
        if (event.over) open.delete(event.fault)
        else open.add(event.fault)
      }
      expect(open.size).toBe(1)
    })
    const seen = events.flatMap((event) =>
      event.type === 'note' ? [/^chaos \d+: (\w+)/.exec(event.text)?.[1]] : []
    )
    expect(new Set(seen)).toEqual(new Set(['resets', 'splits', 'clogs', 'crashes', 'pauses', 'churn']))
  })

  test('numbers each event that a fault causes, and the picture shows one bar for each fault', async () => {
    const events: TraceEvent[] = []
    const report = await simulate({ onevent: (event) => events.push(event) }, async (sim) => {
      await sim.peers(5)
      await sim.connect('full')
      await sim.chaos({ ...ALL, crashes: 20, duration: 120_000 })
      sim.network.reset('a', 'b')
    })
    const made = events.filter((event) => event.type === 'fault')
    expect(made.filter(({ chaos }) => chaos === undefined).map(({ kind }) => kind)).toEqual(['reset'])
    const done = report.faults.filter(({ id, kind, who }) => {
      const own = events.filter(({ chaos }) => chaos === id)
      const [note] = own.flatMap((event) => (event.type === 'note' ? [event.text] : []))
      expect(note).toMatch(new RegExp(`^chaos ${id}: ${kind}: ${who.join(', ') || 'all'}, `))
      expect(own.length > 1).toBe(!note!.includes('not now'))
      return own.length > 1
    })
    expect(new Set(done.map(({ kind }) => kind)).size).toBe(6)
    const picture = new Collector(report)
    for (const event of events) picture.add(event)
    const bars = picture.finish().faults
    expect(bars.map(({ id, kind }) => ({ id, kind }))).toEqual([
      ...done.map(({ id, kind }) => ({ id, kind })),
      { id: undefined, kind: 'reset' }
    ])
    for (const [index, { time, duration }] of done.entries()) {
      expect(bars[index]!.from).toBe(time)
      expect(bars[index]!.to).toBeGreaterThanOrEqual(time + duration * 0.99)
    }
  })

  test('leaves peers alone that are down, and peers that the scenario restarted', async () => {
    const texts: string[] = []
    const onevent = (event: TraceEvent) => event.type === 'note' && texts.push(event.text)
    await simulate({ onevent }, async (sim) => {
      const alice = await sim.peer('alice')
      let restarts = 0
      const chaos = sim.chaos({ crashes: 30, pauses: 30, churn: 30, duration: 60_000 })
      for (let i = 0; i < 60; i++) {
        await sim.sleep(1_000)
        if (alice.state === 'crashed' && i % 2 === 0) {
          await alice.restart()
          restarts++
        }
        if (alice.state === 'paused' && i % 3 === 0) {
          await alice.leave()
          await alice.restart()
        }
      }
      await chaos
      expect(restarts).toBeGreaterThan(2)
      expect(alice.state).toBe('running')
    })
    expect(texts.some((text) => text.endsWith('not now, it does not run'))).toBe(true)
  })

  test('with too few peers for a split does without it, and says so', async () => {
    const texts: string[] = []
    const onevent = (event: TraceEvent) => event.type === 'note' && texts.push(event.text)
    await simulate({ onevent }, async (sim) => {
      await sim.peers(2)
      await sim.chaos({ splits: 30, crashes: 30, resets: 10 })
    })
    const splits = texts.filter((text) => text.includes('splits: all'))
    const left = splits.filter((text) => text.endsWith(': not now, too few are there'))
    expect(left.length).toBeGreaterThan(0)
    expect(left.length).toBeLessThan(splits.length)
  })

  test('carries out only the chosen faults, in the same way as among all faults', async () => {
    const run = async (faults?: readonly number[]) => {
      const begun: string[] = []
      const onevent = (event: TraceEvent) =>
        event.type === 'note' && begun.push(`${event.time} ${event.text}`)
      const report = await simulate({ onevent, ...(faults && { faults }) }, async (sim) => {
        await sim.peers(5)
        await sim.chaos({ resets: 10, splits: 10 })
        await sim.chaos({ clogs: 10 })
      })
      return { begun, planned: report.faults }
    }
    const all = await run()
    const last = all.planned.length
    expect(all.planned.map(({ id }) => id)).toEqual(all.planned.map((_, index) => index + 1))
    expect(all.planned.at(-1)).toMatchObject({ id: last, kind: 'clogs' })
    expect(all.planned.at(-1)!.time).toBeGreaterThan(60_000) // since the beginning of the run
    const some = await run([2, last])
    expect(some.planned).toEqual(all.planned)
    expect(some.begun).toEqual(all.begun.filter((text) => new RegExp(` chaos (2|${last}):`).test(text)))
    expect(some.begun).toHaveLength(2)
    expect((await run([])).begun).toEqual([])
  })

  test('fails when the program of a peer throws at its restart', async () => {
    let starts = 0
    const { failures } = await runScenario({}, async (sim) => {
      await sim.peer('alice', {
        start: () => {
          if (++starts > 1) throw new Error('it does not start twice')
        }
      })
      await sim.chaos({ crashes: 10 })
    })
    expect(failures.map(({ message }) => message)).toEqual(['it does not start twice'])
  })

  test.each(['memory', 'rocksdb'] as const)(
    'leaves every block on every peer, with a %s store',
    async (store) => {
      const link = { latency: { uniform: [5, 50] as const } }
      const discovery = { refresh: 5_000, ttl: 30_000, missed: 0.2, fakes: 1 }
      await simulate({ seed: 7, store, link, discovery }, async (sim) => {
        const log = await SharedLog.of(await sim.peer('writer'), 5)
        const readers: SimulatedPeer[] = await sim.peers(4, { start: log.read })
        const names = readers.map(({ name }) => name)
        const writing = (async () => {
          for (let block = 0; block < 5; block++) {
            await sim.sleep(4_000)
            await log.core.append(`block ${block + 5}`)
          }
        })()
        sim.sometimes('a reader is down', () => readers.some(({ isUp }) => !isUp))
        await sim.chaos({ ...ALL, crashes: 10, duration: 30_000, victims: names })
        await writing
        await log.until(sim, readers, 10)
      })
    }
  )
})
