import { expect, test } from 'vitest'
import { Extensions, isNetworkerError, NetworkerError } from '../src/index.js'
import { Peer } from './support.js'

test('a message begins with the meaning of its code, and ends with the detail', () => {
  const error = new NetworkerError('TIMEOUT', 'no peer after 5000 ms')
  expect(error).toMatchObject({
    name: 'NetworkerError',
    code: 'TIMEOUT',
    message: 'Timed out: no peer after 5000 ms'
  })
  expect(error.transport).toBeUndefined()
  expect(error).not.toHaveProperty('cause')
})

test('an error carries its transport and its cause', () => {
  const cause = new Error('EADDRINUSE')
  const error = new NetworkerError('START_FAILED', 'no port', { transport: 'tcp', cause })
  expect([error.transport, error.cause]).toEqual(['tcp', cause])
})

test('what extensions throw is a NetworkerError', () => {
  const x = new Extensions<Peer>().register('x')
  expect(() => x.send(new Uint8Array(), new Peer('stranger'))).toThrow(NetworkerError)
})

test('isNetworkerError tells errors apart by code, and knows those of another copy of this package', () => {
  const copy = Object.assign(new Error('Closed: by another copy'), { name: 'NetworkerError', code: 'CLOSED' })
  for (const error of [copy, new NetworkerError('CLOSED', 'here')]) {
    expect(isNetworkerError(error)).toBe(true)
    expect(isNetworkerError(error, 'CLOSED')).toBe(true)
    expect(isNetworkerError(error, 'PEER_GONE')).toBe(false)
  }
  const nameless = Object.assign(new Error('of the system'), { code: 'CLOSED' })
  for (const other of [nameless, { name: 'NetworkerError', code: 'CLOSED' }, null, 'CLOSED']) {
    expect(isNetworkerError(other)).toBe(false)
  }
})
