import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Happening } from '../src/events.js'
import { Throttle } from '../src/throttle.js'

const SIZE = 100
const told: string[] = []
let throttle: Throttle

beforeEach(() => {
  vi.useFakeTimers()
  told.length = 0
  throttle = new Throttle(100, (happening) => {
    told.push('bytes' in happening ? `${happening.event} ${happening.bytes}` : happening.event)
  })
})
afterEach(() => vi.useRealTimers())

it('passes the first progress on, and later the newest that came meanwhile', () => {
  for (const bytes of [1, 2, 3]) throttle.tell(fetching(bytes))
  expect(told).toEqual(['fetching 1'])
  vi.advanceTimersByTime(100)
  expect(told).toEqual(['fetching 1', 'fetching 3'])
  throttle.tell(fetching(4))
  vi.advanceTimersByTime(99)
  expect(told).toEqual(['fetching 1', 'fetching 3'])
  vi.advanceTimersByTime(1)
  expect(told).toEqual(['fetching 1', 'fetching 3', 'fetching 4'])
})

it('passes the last progress on at once, and nothing older after it', () => {
  for (const bytes of [1, 2, SIZE]) throttle.tell(fetching(bytes))
  vi.runAllTimers()
  expect(told).toEqual(['fetching 1', `fetching ${SIZE}`])
})

it('passes other events on at once, after the progress that came before them', () => {
  throttle.tell(fetching(1))
  throttle.tell(fetching(2))
  throttle.tell({ event: 'stopped', peakMemory: 1 })
  vi.runAllTimers()
  expect(told).toEqual(['fetching 1', 'fetching 2', 'stopped'])
})

function fetching(bytes: number): Happening {
  return { event: 'fetching', bytes, size: SIZE }
}
