import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { Networker, type NetworkerOptions } from '@basestore/networker'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import HyperDHT from 'hyperdht'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Child } from '../support/child.js'

const GREETER = new URL('./children/greeter.mjs', import.meta.url)

interface Told {
  readonly event: 'peer-add' | 'peer-remove' | 'greeting' | 'fault'
  readonly text?: string
}

let testnet: Testnet
beforeAll(async () => {
  testnet = await createTestnet()
})
afterAll(() => testnet.destroy())

/** Two seeds of key pairs, that of the lesser public key first. */
function seeds(): [Buffer, Buffer] {
  const publicKey = (seed: Buffer) => HyperDHT.keyPair(seed).publicKey
  const pair = [randomBytes(32), randomBytes(32)]
  return pair.sort((a, b) => Buffer.compare(publicKey(a), publicKey(b))) as [Buffer, Buffer]
}

/** A networker in this process that greets as the children do, and writes down what it is told. */
function greeter(seed: Buffer, options: Partial<NetworkerOptions> = {}) {
  const networker = new Networker(
    { replicate: () => {}, closing: null },
    {
      ...options,
      keyPair: HyperDHT.keyPair(seed),
      transports: [hyperswarm({ dht: testnet.createNode() })]
    }
  )
  const events: string[] = []
  const greetings = new EventEmitter()
  const x = networker.registerExtension('greeting', {
    encoding: 'utf8',
    onmessage: (text) => {
      events.push(text)
      greetings.emit(text)
    },
    onopen: () => events.push('onopen'),
    onclose: () => events.push('onclose')
  })
  networker.on('peer-remove', () => events.push('peer-remove'))
  networker.on('peer-add', (peer) => {
    events.push('peer-add')
    x.send('hello from here', peer)
  })
  /** Resolves when this greeting has come. */
  const heard = async (text: string) => void (events.includes(text) || (await once(greetings, text)))
  return { networker, events, heard }
}

/** A greeter in a process of its own. */
function program(seed: Buffer, topic: Buffer, greeting: string) {
  const args = [JSON.stringify(testnet.bootstrap), seed.toString('hex'), topic.toString('hex'), greeting]
  const child = new Child(GREETER, { args, bound: 60_000 })
  const told: Told[] = []
  return {
    told,
    kill: () => child.kill(),
    /** Resolves with the next event of this kind. */
    async next(event: Told['event']): Promise<Told> {
      for (;;) {
        const message = await child.message<Told>()
        told.push(message)
        if (message.event === event) return message
      }
    }
  }
}

describe.each([
  ['greater', 1],
  ['lesser', 0]
] as const)('a process with the %s key that is killed and started again', (_, place) => {
  test('is a new peer before the other has noticed, and both greet once', async () => {
    const keys = seeds()
    const topic = randomBytes(32)
    const { networker, events, heard } = greeter(keys[1 - place]!)
    const first = program(keys[place]!, topic, 'hello from the first')
    let second: ReturnType<typeof program> | undefined
    try {
      await networker.configure(topic)
      await first.next('greeting')
      await heard('hello from the first')
      await first.kill()
      second = program(keys[place]!, topic, 'hello from the second')
      await second.next('greeting')
      await heard('hello from the second')
      expect(events).toEqual([
        'peer-add',
        'onopen',
        'hello from the first',
        'onclose',
        'peer-remove',
        'peer-add',
        'onopen',
        'hello from the second'
      ])
      expect(second.told.filter(({ event }) => event !== 'peer-add')).toEqual([
        { event: 'greeting', text: 'hello from here' }
      ])
      expect(networker.peers.size).toBe(1)
    } finally {
      await Promise.all([first.kill(), second?.kill(), networker.close()])
    }
  }, 60_000)
})

describe('two processes with one key at the same time', () => {
  test('are a fault on both and with their peer, and neither flaps', async () => {
    const [seed, shared] = seeds()
    const topic = randomBytes(32)
    let asked = 0
    let onasked = () => {}
    const firewall = () => {
      asked++
      onasked()
      return false
    }
    const { networker, events } = greeter(seed, { firewall })
    const faults: unknown[] = []
    networker.on('fault', (error) => faults.push(error))
    const first = program(shared, topic, 'hello from the first')
    let second: ReturnType<typeof program> | undefined
    try {
      await networker.configure(topic)
      await first.next('greeting')
      const fault = once(networker, 'fault')
      second = program(shared, topic, 'hello from the second')
      await fault
      expect(faults).toEqual([expect.objectContaining({ code: 'DUPLICATE_KEY' })])
      expect(await first.next('fault')).toEqual({ event: 'fault', text: 'DUPLICATE_KEY' })
      expect(await second.next('fault')).toEqual({ event: 'fault', text: 'DUPLICATE_KEY' })

      const before = asked
      await new Promise<void>((resolve) => {
        onasked = () => asked >= before + 2 && resolve() // it has come again, after 1 s and after 2 s
      })
      expect(events.filter((event) => event.startsWith('peer'))).toEqual(['peer-add'])
      expect(first.told.map(({ event }) => event)).toEqual(['peer-add', 'greeting', 'fault'])
      const adds = second.told.filter(({ event }) => event === 'peer-add').length
      expect(adds).toBeLessThanOrEqual(1)
      expect(faults.length).toBe(1)
    } finally {
      await Promise.all([first.kill(), second?.kill(), networker.close()])
    }
  }, 60_000)
})
