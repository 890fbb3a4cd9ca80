import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { abortable } from '../src/transport.js'
import { deferred } from './support.js'

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

it('has one listener for all who wait for a signal, and none when they are done', async () => {
  const { signal } = new AbortController()
  const works = Array.from({ length: 20 }, () => deferred<number>())
  const waits = works.map(({ promise }) => abortable(promise, signal))
  expect(listeners(signal)).toBe(1)
  works.forEach(({ resolve }, i) => {
    resolve(i)
  })
  expect(await Promise.all(waits)).toEqual(works.map((_, i) => i))
  expect(listeners(signal)).toBe(0)
})

it('lets go of the signal before its caller goes on', async () => {
  const { signal } = new AbortController()
  await abortable(Promise.resolve(), signal)
  expect(listeners(signal)).toBe(0)
  await abortable(Promise.reject(new Error('no')), signal).catch(() => {})
  expect(listeners(signal)).toBe(0)
})

it("rejects all who wait with the signal's reason, and hears nothing of what fails later", async () => {
  const stopping = new AbortController()
  const [first, second] = [deferred(), deferred()]
  const waits = [first, second].map(({ promise }) => abortable(promise, stopping.signal))
  const reason = new Error('stopped')
  stopping.abort(reason)
  expect(listeners(stopping.signal)).toBe(0)
  first.reject(new Error('late'))
  const outcomes = await Promise.allSettled([...waits, abortable(second.promise, stopping.signal)])
  expect(outcomes).toEqual(outcomes.map(() => ({ status: 'rejected', reason })))
})
