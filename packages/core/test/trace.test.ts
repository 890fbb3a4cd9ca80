import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, it, vi } from 'vitest'
import { Networker } from '../src/index.js'
import { FakeTransport, fakeStore, topic } from './support.js'

const NAMES = ['note', 'connection', 'close', 'refuse', 'peer', 'topic', 'fault']

it('publishes what happens on diagnostics_channel, with the public key of the networker', async () => {
  const heard: [name: string, message: Record<string, unknown>][] = []
  const subscribers = NAMES.map((name) => {
    const listener = (message: unknown) => void heard.push([name, message as Record<string, unknown>])
    subscribe(`basestore.networker.${name}`, listener)
    return () => unsubscribe(`basestore.networker.${name}`, listener)
  })
  const transport = new FakeTransport()
  const networker = new Networker(fakeStore(), { transports: [transport], warn: false, maxPeers: 1 })
  await networker.configure(topic(1))
  transport.host.note({ type: 'found', topic: topic(1), remotePublicKey: randomBytes(32) })
  transport.host.fault(new Error('trouble'))
  await transport.handOver()
  await transport.handOver()
  await networker.close()
  for (const unsubscribeAll of subscribers) unsubscribeAll()
  expect(new Set(heard.map(([name]) => name))).toEqual(new Set(NAMES))
  const { publicKey } = networker.keyPair
  expect(heard.every(([, { publicKey: own }]) => own === publicKey)).toBe(true)
  const messages = heard.map(([name, { publicKey: _, ...message }]) => [name, message])
  expect(messages).toContainEqual(['topic', expect.objectContaining({ topic: topic(1), event: 'flushed' })])
  expect(messages).toContainEqual(['refuse', expect.objectContaining({ reason: 'our-max-peers' })])
  expect(messages).toContainEqual(['close', expect.objectContaining({ reason: 'our-close' })])
})

it('works without diagnostics_channel, as on Bare', async () => {
  const spy = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  vi.resetModules()
  const { CHANNELS } = await import('../src/explain/trace.js')
  spy.mockRestore()
  expect(Object.values(CHANNELS).map(({ hasSubscribers }) => hasSubscribers)).toEqual(NAMES.map(() => false))
})
