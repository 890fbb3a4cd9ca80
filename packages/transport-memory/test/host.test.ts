import { expect, test } from 'vitest'
import { Host, Line, NATS } from '../src/host.js'

test('a host has no limits by default', () => {
  const host = new Host('a')
  expect([host.nat, host.maxLinks, host.up.pass(5, 1e9), host.down.pass(7, 1e9)]).toEqual([
    'open',
    Number.POSITIVE_INFINITY,
    5,
    7
  ])
})

test('bytes pass a line one after the other, also those of several links, and the line rests when there are none', () => {
  const line = new Line('up', 1000)
  expect([line.pass(0, 10), line.pass(0, 5), line.pass(12, 5)]).toEqual([10, 15, 20])
  expect(line.pass(100, 1)).toBe(101)
  expect(line.freeAt).toBe(101)
})

test.each([
  [{ up: 0 }, 'up must be bytes a second above 0, got 0'],
  [{ down: Number.NaN }, 'down must be bytes a second above 0, got NaN'],
  [{ nat: 'closed' as 'open' }, `nat must be one of ${NATS.join(', ')}, got closed`],
  [{ maxLinks: -1 }, 'maxLinks must be a number of at least 0, got -1']
])('%j is refused', (options, message) => {
  expect(() => new Host('a', options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
  )
})
