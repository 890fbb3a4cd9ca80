import { expect, test } from 'vitest'
import { Random } from '../src/random.js'
import { EventQueue } from '../src/time/event-queue.js'

function drain(queue: EventQueue): number[] {
  const times: number[] = []
  for (let event = queue.take(); event; event = queue.take()) {
    event.run()
    times.push(event.time)
  }
  return times
}

test('events come by time, then by rank, then in the order in which they were added', () => {
  const queue = new EventQueue()
  const order: string[] = []
  const add = (time: number, rank: number, name: string) => queue.add(time, () => order.push(name), rank)
  add(2, 0, 'last')
  add(1, 7, 'third')
  add(1, 3, 'first')
  add(1, 3, 'second')
  add(1, 7, 'fourth')
  expect(queue.size).toBe(5)
  expect(drain(queue)).toEqual([1, 1, 1, 1, 2])
  expect(order).toEqual(['first', 'second', 'third', 'fourth', 'last'])
})

test('an empty queue has no next time, and nothing to take', () => {
  const queue = new EventQueue()
  expect([queue.nextTime, queue.take(), queue.size]).toEqual([Number.POSITIVE_INFINITY, undefined, 0])
})

test('a cancelled event is gone, and cancelling it again, or one that has happened, changes nothing', () => {
  const queue = new EventQueue()
  const order: string[] = []
  const first = queue.add(1, () => order.push('first'))
  const second = queue.add(2, () => order.push('second'))
  queue.add(3, () => order.push('third'))
  first.cancel()
  first.cancel()
  expect([queue.size, queue.nextTime]).toEqual([2, 2])
  queue.take()!.run()
  second.cancel()
  expect(queue.size).toBe(1)
  expect(drain(queue)).toEqual([3])
  expect(order).toEqual(['second', 'third'])
})

test('thousands of cancelled events leave the others and their order as they were', () => {
  const queue = new EventQueue()
  const random = new Random('cancel')
  const left: number[] = []
  for (let i = 0; i < 10_000; i++) {
    const time = random.below(1000)
    const event = queue.add(time, () => {})
    if (i % 5 === 0) left.push(time)
    else event.cancel()
  }
  expect(queue.size).toBe(left.length)
  expect(drain(queue)).toEqual(left.sort((a, b) => a - b))
  expect(queue.size).toBe(0)
})
