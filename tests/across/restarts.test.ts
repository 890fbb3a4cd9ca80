import type { Networker } from '@basestore/networker'
import { describe, expect, test } from 'vitest'
import { eventsOf, inVirtualTime, orderedKeyPairs, sleep } from '../support/virtual-time.js'

const TOPIC = Buffer.alloc(32, 'restart')
const DAY = 24 * 3_600_000
const orders = [
  ['greater', 1],
  ['lesser', 0]
] as const

/** Greets each peer in `peer-add`, and writes down what it is told. */
function greeter(networker: Networker, greeting: string): string[] {
  const got: string[] = []
  const x = networker.registerExtension('greeting', { encoding: 'utf8', onmessage: (text) => got.push(text) })
  networker.on('peer-add', (peer) => x.send(greeting, peer))
  return got
}

describe.each(orders)('a peer with the %s key that lost power and starts again', (_, place) => {
  test.each([0, 500, 2_000])(
    'is a new peer before the other has noticed, and both greet once (down for %i ms)',
    async (down) => {
      await inVirtualTime(async ({ network: create, networker }) => {
        const network = create()
        const keys = orderedKeyPairs()
        const [theirs, ours] = [keys[place]!, keys[1 - place]!]
        const a = networker([network.transport('a')], { keyPair: ours })
        const events = eventsOf(a)
        const got = greeter(a, 'hello from a')
        const start = async (host: string) => {
          const b = networker([network.transport(host)], { keyPair: theirs })
          eventsOf(b)
          const got = greeter(b, `hello from ${host}`)
          await b.configure(TOPIC, { flush: false })
          return got
        }
        await a.configure(TOPIC)
        await start('b1')
        await sleep(1_000)
        expect(events).toEqual(['peer-add', 'onopen'])
        network.kill('b1')
        await sleep(down)
        const again = await start('b2')
        await sleep(2_000) // the dead stream closes only after 10 s
        expect(events.slice(2)).toEqual(['onclose', 'peer-remove', 'peer-add', 'onopen'])
        await sleep(60_000)
        expect(events.length).toBe(6)
        expect(got).toEqual(['hello from b1', 'hello from b2'])
        expect(again).toEqual(['hello from a'])
        expect(a.streams.size).toBe(1)
      })
    }
  )

  test.each([
    ['a day back', -DAY],
    ['a day on', DAY],
    ['as it was', 0]
  ])('gets all broadcasts once it is connected, with its clock set %s', async (_, change) => {
    await inVirtualTime(async ({ network: create, networker }) => {
      const [first, second] = [create(), create({ name: 'second' })]
      const keys = orderedKeyPairs()
      const [theirs, ours] = [keys[place]!, keys[1 - place]!]
      const a = networker([first.transport('a'), second.transport('a')], { keyPair: ours })
      const x = a.registerExtension('x', { encoding: 'utf8' })
      await a.configure(TOPIC)
      const b = networker([first.transport('b1')], { keyPair: theirs })
      b.registerExtension('x')
      await b.configure(TOPIC)
      await sleep(1_000)
      first.kill('b1')

      const got: number[] = []
      let sent = 0
      const { Date: date } = globalThis
      globalThis.Date = dateOf(date, change)
      try {
        // On the second transport too, so that two streams have to be chosen among.
        const again = networker([first.transport('b2'), second.transport('b2')], { keyPair: theirs })
        again.registerExtension('x', { encoding: 'utf8', onmessage: (text) => got.push(Number(text)) })
        const added = new Promise<void>((resolve) => a.once('peer-add', () => resolve()))
        await again.configure(TOPIC, { flush: false })
        await added
        for (; sent < 50; sent++) {
          x.broadcast(String(sent))
          await sleep(500)
        }
        expect(again.streams.size).toBe(1)
      } finally {
        globalThis.Date = date
      }
      expect(a.streams.size).toBe(1)
      expect(got.sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i))
    })
  })
})

/** A `Date` that is so much later than another one (ms). */
function dateOf(date: DateConstructor, change: number): DateConstructor {
  const now = () => date.now() + change
  return new Proxy(date, {
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
    construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self)
  })
}
