import { expect, test } from 'vitest'
import { Random } from '../src/random.js'

function draw(seed: string, count = 20): number[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => random.below(1000))
}

test('the same seed gives the same numbers, another seed others', () => {
  expect(draw('a')).toEqual(draw('a'))
  expect(draw('a')).not.toEqual(draw('b'))
  expect(draw('')).not.toEqual(draw('\0'))
})

test('numbers are spread evenly over the range', () => {
  const counts = new Array(10).fill(0)
  const random = new Random('even')
  for (let i = 0; i < 100_000; i++) counts[random.below(10)]++
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

test('a shuffle keeps every item, and every item gets to every place', () => {
  const random = new Random('shuffle')
  const seen = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const items = random.shuffle([0, 1, 2, 3])
    expect([...items].sort()).toEqual([0, 1, 2, 3])
    for (const [place, item] of items.entries()) seen.add(`${item} at ${place}`)
  }
  expect(seen.size).toBe(16)
})
