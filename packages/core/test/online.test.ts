import { expect, it } from 'vitest'
import { Networker, type OnlineState } from '../src/index.js'
import { deferred, FakeTransport, fakeStore } from './support.js'

function make(...names: string[]) {
  const transports = names.map((name) => new FakeTransport(name))
  const networker = new Networker(fakeStore(), { transports, warn: false })
  const changes: OnlineState[] = []
  networker.on('online-change', (state) => {
    expect(networker.online).toBe(state)
    changes.push(state)
  })
  return { networker, transports, changes }
}

it('is online once a transport that never tells has started, and offline before and after', async () => {
  const { networker, changes } = make('fake')
  expect(networker.online).toBe('offline')
  await networker.listen()
  expect(networker.online).toBe('online')
  const closed = networker.close()
  expect(networker.online).toBe('offline')
  await closed
  expect(changes).toEqual(['online', 'offline'])
})

it('is what the transport tells, told on change only', async () => {
  const { networker, transports, changes } = make('fake')
  transports[0]!.onstart = () => transports[0]!.host.online('connecting')
  await networker.listen()
  const { online } = transports[0]!.host
  for (const state of ['connecting', 'online', 'online', 'offline', 'connecting', 'online'] as const)
    online(state)
  expect(changes).toEqual(['connecting', 'online', 'offline', 'connecting', 'online'])
  await networker.close()
  online('connecting')
  expect(changes.at(-1)).toBe('offline')
})

it('is the best of all transports that have started', async () => {
  const { networker, transports, changes } = make('a', 'b', 'broken')
  const starting = deferred()
  transports[0]!.onstart = () => transports[0]!.host.online('offline')
  transports[1]!.onstart = () => {
    transports[1]!.host.online('online')
    return starting.promise
  }
  transports[2]!.onstart = () => Promise.reject(new Error('no'))
  const listening = networker.listen()
  await new Promise((resolve) => setImmediate(resolve))
  expect([networker.online, changes]).toEqual(['offline', []])
  starting.resolve()
  await listening
  transports[1]!.host.online('offline')
  transports[0]!.host.online('connecting')
  transports[1]!.host.online('connecting')
  transports[1]!.host.online('offline')
  expect(changes).toEqual(['online', 'offline', 'connecting'])
  await networker.close()
})

it('is offline while suspended, whatever a transport tells, and what it told last after that', async () => {
  const { networker, transports, changes } = make('fake')
  await networker.listen()
  const suspended = networker.suspend()
  await suspended
  expect(networker.online).toBe('offline')
  transports[0]!.host.online('connecting')
  expect(networker.online).toBe('offline')
  await networker.resume()
  expect(changes).toEqual(['online', 'offline', 'connecting'])
  await networker.close()
})

it('stays offline when suspended before the start', async () => {
  const { networker, changes } = make('fake')
  await networker.suspend()
  await networker.listen()
  expect(changes).toEqual([])
  await networker.resume()
  expect(changes).toEqual(['online'])
  await networker.close()
})
