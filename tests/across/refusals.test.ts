import { randomBytes } from 'node:crypto'
import type { NetworkerError } from '@basestore/networker'
import { waitForPeers } from '@basestore/testkit'
import { describe, expect, test } from 'vitest'
import { eventsOf, inVirtualTime, sleep, timesOf } from '../support/virtual-time.js'
import { localDht } from './networks.js'

const TOPIC = Buffer.alloc(32, 'refusal')

describe('a peer that the other refuses', () => {
  test('never hears peer-add, is told why, and redials at most 5 times in the first minute', async () => {
    await inVirtualTime(async ({ network: create, networker, clock }) => {
      const network = create({ discovery: { refresh: 1_000 } }) // lookups find it again each second
      let refuses = true
      const asked: number[] = []
      const a = networker([network.transport('a')], {
        firewall: () => {
          asked.push(clock.now())
          return refuses
        }
      })
      const b = networker([network.transport('b')])
      a.registerExtension('x')
      const events = eventsOf(b)
      await a.configure(TOPIC, { lookup: false })
      await b.configure(TOPIC, { announce: false })
      await sleep(60_000)
      expect(events).toEqual([])
      expect(asked.length).toBeGreaterThan(3) // it does try again
      expect(asked.length).toBeLessThanOrEqual(1 + 5)
      await sleep(3_600_000)
      expect(asked.length).toBeLessThanOrEqual(1 + 5 + 12) // the longest pause is 10 minutes

      const error = await b.connect(a.keyPair.publicKey).catch((error: NetworkerError) => error)
      expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: /firewall/ })
      expect((error as NetworkerError).cause).toMatchObject({ code: 'REFUSED' })
      expect(events).toEqual([])

      refuses = false
      const begin = clock.now()
      await b.configure(TOPIC, { announce: false, lookup: true })
      await sleep(2_000 - (clock.now() - begin))
      expect(events).toEqual(['peer-add', 'onopen'])
      await sleep(60_000)
      expect(events.length).toBe(2)
    })
  })

  test('and closes before it has heard so leaves no timer', async () => {
    await inVirtualTime(async ({ network: create, networker }) => {
      const network = create()
      const firewall = () => new Promise<boolean>(() => {})
      const a = networker([network.transport('a')], { firewall })
      const b = networker([network.transport('b')])
      await a.listen()
      const connected = b.connect(a.keyPair.publicKey).catch((error: NetworkerError) => error)
      await sleep(200)
      expect(b.streams.size).toBe(1)
      await b.close()
      expect(await connected).toMatchObject({ code: 'CLOSED' })
    })
  })

  test('comes back when the side that refused it configures, without a word from its own app', async () => {
    await inVirtualTime(async ({ network: create, networker }) => {
      const network = create()
      let refuses = true
      const a = networker([network.transport('a')], { firewall: () => refuses })
      const b = networker([network.transport('b')])
      a.registerExtension('x')
      const events = eventsOf(b)
      await a.configure(TOPIC)
      await b.configure(TOPIC)
      await sleep(300_000)
      expect(events).toEqual([])
      refuses = false
      await a.configure(TOPIC)
      await sleep(2_000)
      expect(events).toEqual(['peer-add', 'onopen'])
    })
  })

  test('comes back soon after a ban that follows a long connection, whatever refusals came before it', async () => {
    await inVirtualTime(async ({ network: create, networker, clock }) => {
      const network = create()
      let refuses = true
      const a = networker([network.transport('a')], { firewall: () => refuses })
      const b = networker([network.transport('b')])
      const added = timesOf(b, 'peer-add', clock)
      await a.configure(TOPIC, { lookup: false })
      await b.configure(TOPIC, { announce: false })
      await sleep(120_000)
      refuses = false
      await b.connect(a.keyPair.publicKey)
      await sleep(60_000)
      const begin = clock.now()
      a.disconnect(b.keyPair.publicKey, { ban: 3_000 })
      await sleep(60_000)
      expect(added.length).toBe(2)
      expect(added[1]! - begin).toBeGreaterThanOrEqual(3_000)
      expect(added[1]! - begin).toBeLessThan(10_000)
    })
  })

  test('that is thrown out hears one peer-remove, and no peer-add while it is refused', async () => {
    await inVirtualTime(async ({ network: create, networker }) => {
      const network = create({ discovery: { refresh: 1_000 } })
      let refuses = false
      const a = networker([network.transport('a')], { firewall: () => refuses })
      const b = networker([network.transport('b')])
      a.registerExtension('x')
      const events = eventsOf(b)
      await a.configure(TOPIC)
      await b.configure(TOPIC)
      await sleep(1_000)
      expect(events).toEqual(['peer-add', 'onopen'])
      refuses = true
      for (const { stream } of a.peers) stream.destroy()
      await sleep(60_000)
      expect(events.slice(2)).toEqual(['onclose', 'peer-remove'])
    })
  })
})

test('over Hyperswarm a refused peer hears no peer-add but a reason, and comes when the other side configures again', async () => {
  const network = await localDht()
  await using _ = { [Symbol.asyncDispose]: () => network.close() }
  let refuses = true
  await using group = await network.create(2, {
    networker: (i) => (i === 0 ? { firewall: () => refuses } : {})
  })
  const [host, guest] = group.networkers
  const events = eventsOf(guest)
  const topic = randomBytes(32)
  await host.configure(topic)
  await guest.configure(topic)
  const error = await guest.connect(host.keyPair.publicKey).catch((error: NetworkerError) => error)
  expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: /firewall/, cause: { code: 'REFUSED' } })
  expect(events).toEqual([])

  refuses = false
  await host.configure(topic)
  await Promise.all([host, guest].map((networker) => waitForPeers(networker, 1)))
  expect(events).toEqual(['peer-add'])
})
