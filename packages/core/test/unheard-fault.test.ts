import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Networker, NetworkerError } from '../src/index.js'
import { FakeTransport, fakeStore } from './support.js'

const written = vi.fn()

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(written)
})
afterEach(() => {
  vi.restoreAllMocks()
  written.mockReset()
})

async function listening(options = {}) {
  const transport = new FakeTransport()
  const networker = new Networker(fakeStore(), { transports: [transport], ...options })
  await networker.listen()
  return { networker, transport }
}

it('the first fault that nobody hears is written once, with its cause and how to listen', async () => {
  const { networker, transport } = await listening()
  const cause = new Error('EPERM')
  transport.host.fault(new NetworkerError('CONNECT_FAILED', 'no node answers', { cause }))
  transport.host.fault(new Error('second'))
  expect(written.mock.calls).toEqual([
    [
      '@basestore/networker: a fault that no listener heard, the only one that is written: ' +
        'NetworkerError: Could not connect: no node answers (Error: EPERM)\n' +
        "  To hear of all: networker.on('fault', (error) => { … }). To write none: new Networker(store, { warn: false })."
    ]
  ])
  await networker.close()
})

it('a fault that is no error is written too', async () => {
  const { networker, transport } = await listening()
  transport.host.fault(undefined)
  expect(written.mock.calls[0]![0]).toContain('written: undefined\n')
  await networker.close()
})

it('a fault that a listener hears is not written, and does not use up the one', async () => {
  const { networker, transport } = await listening()
  const heard = vi.fn()
  networker.on('fault', heard)
  transport.host.fault('heard')
  expect([heard.mock.calls, written.mock.calls]).toEqual([[['heard']], []])
  networker.off('fault', heard)
  transport.host.fault('unheard')
  expect(written).toHaveBeenCalledTimes(1)
  await networker.close()
})

it('warn: false writes none', async () => {
  const { networker, transport } = await listening({ warn: false })
  transport.host.fault('unheard')
  expect(written).not.toHaveBeenCalled()
  await networker.close()
})
