import { expect, test } from 'vitest'
import { checkDistribution, type Distribution, draw, reachOf } from '../src/distribution.js'
import { Random } from '../src/random.js'

const DRAWS = 50_000

function drawMany(distribution: Distribution): number[] {
  const random = new Random('draw')
  return Array.from({ length: DRAWS }, () => draw(distribution, random))
}

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(square) }
}

const KINDS: [name: string, distribution: Distribution, mean: number, deviation: number][] = [
  ['a number', 20, 20, 0],
  ['uniform', { uniform: [10, 30] }, 20, 20 / Math.sqrt(12)],
  ['normal', { normal: { mean: 50, deviation: 8 } }, 50, 8],
  ['exponential', { exponential: { floor: 5, mean: 12 } }, 17, 12],
  ['samples', { samples: [1, 2, 2, 7] }, 3, Math.sqrt(5.5)]
]

test.each(KINDS)('%s has the mean and the spread that it says', (_, distribution, mean, deviation) => {
  const drawn = moments(drawMany(distribution))
  expect(Math.abs(drawn.mean - mean)).toBeLessThanOrEqual(0.01 * mean)
  expect(Math.abs(drawn.deviation - deviation)).toBeLessThanOrEqual(0.02 * deviation)
})

test('no value is outside of the range, below the floor or 0, or other than the samples', () => {
  const uniform = drawMany({ uniform: [10, 30] })
  expect([Math.min(...uniform) >= 10, Math.max(...uniform) < 30]).toEqual([true, true])
  expect(Math.min(...drawMany({ exponential: { floor: 5, mean: 12 } }))).toBeGreaterThanOrEqual(5)
  const normal = drawMany({ normal: { mean: 1, deviation: 5 } })
  expect([Math.min(...normal), normal.every(Number.isFinite)]).toEqual([0, true])
  expect([...new Set(drawMany({ samples: [3, 1, 8] }))].sort()).toEqual([1, 3, 8])
})

test.each(KINDS)('hardly any value drawn from %s is beyond its reach', (_, distribution) => {
  const reach = reachOf(distribution)
  const beyond = drawMany(distribution).filter((value) => value > reach).length
  expect(beyond).toBeLessThan(DRAWS / 5000)
})

test.each([
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '5',
  null,
  undefined,
  {},
  { uniform: [3, 1] },
  { uniform: [1] },
  { uniform: 4 },
  { normal: { mean: 5 } },
  { normal: 5 },
  { exponential: { floor: -1, mean: 4 } },
  { samples: [] },
  { samples: [1, 'x'] },
  { samples: 'abc' }
])('%j is no distribution, and the error says what is', (wrong) => {
  expect(() => checkDistribution('latency', wrong as Distribution)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/latency must be .*, got/)
    })
  )
})

test.each(KINDS)('%s is a distribution', (_, distribution) => {
  expect(checkDistribution('latency', distribution)).toBeUndefined()
})
