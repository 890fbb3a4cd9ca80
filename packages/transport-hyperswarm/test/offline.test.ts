import { LateTestnet } from '@basestore/testnet'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import { expect, test } from 'vitest'
import { type HyperswarmOptions, hyperswarm } from '../src/index.js'
import { ANNOUNCE, BOTH, createHost, LOOKUP, randomTopic, took } from './network.js'

/** Time from the DHT's first answer within which others reach us (ms). */
const REACHABLE = 5_000

/**
 * A test with a DHT of its own, whose nodes do not run yet. Most of them wait for the DHT's own patience with nodes that
 * do not answer, 7 s, once or twice: they wait at the same time.
 */
function late(title: string, run: (net: OfflineContext) => Promise<void>): void {
  test.concurrent(title, { timeout: 60_000 }, async () => {
    const net = new OfflineContext(await LateTestnet.create())
    try {
      await run(net)
    } finally {
      await net.end()
    }
  })
}

class OfflineContext {
  readonly dht: LateTestnet
  readonly #stops: (() => Promise<void>)[] = []
  readonly #endings: (() => Promise<unknown>)[] = []

  constructor(dht: LateTestnet) {
    this.dht = dht
  }

  up = () => this.dht.up()

  onend(ending: () => Promise<unknown>): void {
    this.#endings.push(ending)
  }

  /** A swarm of the user's. */
  swarm(): Hyperswarm {
    const swarm = new Hyperswarm({ dht: this.dht.createNode() })
    this.onend(() => swarm.destroy())
    return swarm
  }

  /** A started transport that enters the DHT. */
  begin(options: HyperswarmOptions = {}, host = createHost()) {
    const dht = options.dht ?? (options.swarm ? undefined : this.dht.createNode())
    if (dht) this.onend(() => dht.destroy())
    const transport = hyperswarm({ ...(dht && { dht }), ...options })
    const { signal } = new AbortController()
    transport.start(host)
    const party = {
      host,
      transport,
      key: host.keyPair.publicKey,
      flush: (topic: Uint8Array) => transport.flush(topic, { signal }),
      connect: (key: Uint8Array) => transport.connect!(key, { signal }),
      is: (state: string) => host.until(() => host.states.at(-1) === state),
      /** Resolves when Hyperswarm has given up its first query of a topic. */
      gaveUp: async (topic: Uint8Array) => {
        const { swarm } = transport as unknown as { swarm: Hyperswarm }
        await swarm
          .status(topic)!
          .flushed()
          .catch(() => {}) // on a destroyed DHT it rejects
        await new Promise(setImmediate)
      },
      stop: async () => {
        host.close()
        await transport.stop()
        expect(host.breaches).toEqual([])
      }
    }
    this.#stops.push(party.stop)
    return party
  }

  async end(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()))
    for (const end of this.#endings) await end()
    await this.dht.down()
  }
}

/** Whether work is done by now. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))])
}

late('two that start offline meet when the DHT is there, and neither is flushed before', async (net) => {
  const [topic, a, b] = [randomTopic(), net.begin(), net.begin()]
  for (const { transport } of [a, b]) transport.join(topic, BOTH)
  const flushes = [a, b].map(({ flush }) => flush(topic))
  await Promise.all([a.is('offline'), b.is('offline'), a.gaveUp(topic), b.gaveUp(topic)])
  expect(await Promise.all(flushes.map(isDone))).toEqual([false, false])
  const up = net.up()
  const meeting = Promise.all([a.host.connectionTo(b.key), b.host.connectionTo(a.key)])
  expect(await took(meeting)).toBeLessThan(REACHABLE)
  await Promise.all([...flushes, up, a.is('online'), b.is('online')])
  for (const { host } of [a, b]) {
    expect(host.states).toEqual(['connecting', 'offline', 'connecting', 'online'])
    expect(host.faults).toEqual([
      expect.objectContaining({
        code: 'CONNECT_FAILED',
        transport: 'hyperswarm',
        message: expect.stringMatching(/no node of the DHT answer.*check the network and bootstrap/)
      })
    ])
  }
})

late(
  'one that announced offline is found and reached by another that comes later, by topic and by key',
  async (net) => {
    const [topic, announcer] = [randomTopic(), net.begin()]
    announcer.transport.join(topic, ANNOUNCE)
    const flushed = announcer.flush(topic)
    await Promise.all([announcer.is('offline'), announcer.gaveUp(topic)])
    expect(await isDone(flushed)).toBe(false)
    const up = net.up()
    expect(await took(Promise.all([flushed, announcer.is('online')]))).toBeLessThan(REACHABLE)
    await up
    const [seeker, caller] = [net.begin(), net.begin()]
    seeker.transport.join(topic, LOOKUP)
    await Promise.all([seeker.flush(topic), caller.connect(announcer.key)])
    for (const { host } of [seeker, caller]) expect(host.has(announcer.key)).toBe(true)
  }
)

late('without a topic it is online, and can be dialled by its key', async (net) => {
  const callee = net.begin()
  await callee.is('offline')
  const up = net.up()
  expect(await took(callee.is('online'))).toBeLessThan(REACHABLE)
  await up
  const caller = net.begin()
  await caller.connect(callee.key)
  expect(caller.host.has(callee.key)).toBe(true)
})

late('a DHT that is down and back, and has forgotten all, is told all again', async (net) => {
  await net.up()
  const [topic, announcer] = [randomTopic(), net.begin()]
  announcer.transport.join(topic, ANNOUNCE)
  await announcer.flush(topic)
  await announcer.is('online')
  await net.dht.down()
  await announcer.is('offline')
  const later = announcer.flush(topic)
  await announcer.gaveUp(topic)
  expect(await isDone(later)).toBe(false)
  const up = net.up()
  expect(await took(Promise.all([later, announcer.is('online')]))).toBeLessThan(REACHABLE)
  await up
  const seeker = net.begin()
  seeker.transport.join(topic, LOOKUP)
  await seeker.flush(topic)
  expect(seeker.host.has(announcer.key)).toBe(true)
  expect(announcer.host.faults).toHaveLength(1)
})

late('a topic that was flushed before is announced again without a further call', async (net) => {
  await net.up()
  const [topic, announcer] = [randomTopic(), net.begin()]
  announcer.transport.join(topic, ANNOUNCE)
  await announcer.flush(topic)
  await announcer.is('online')
  await net.dht.down()
  await announcer.is('offline')
  await net.up()
  await announcer.is('online')
  const seeker = net.begin()
  seeker.transport.join(topic, LOOKUP)
  await seeker.host.connectionTo(announcer.key)
})

late(
  'while no node relays to our server it is neither flushed nor online, though nodes answer',
  async (net) => {
    await net.up()
    const dht = net.dht.createNode()
    const findPeer = serverless(dht)
    const [topic, a] = [randomTopic(), net.begin({ dht })]
    a.transport.join(topic, BOTH)
    const flushed = a.flush(topic)
    await a.host.until(() => a.host.faults.length > 0)
    await a.gaveUp(topic)
    expect(await isDone(flushed)).toBe(false)
    expect(a.host.states).toEqual(['connecting'])
    findPeer.works = true
    expect(await took(Promise.all([flushed, a.is('online')]))).toBeLessThan(REACHABLE)
    expect(a.host.faults).toHaveLength(1)
  }
)

late('names that cannot be resolved at the start are asked for again', async (net) => {
  await net.up()
  const [{ host, port }] = net.dht.bootstrap as [{ host: string; port: number }]
  const dht = new DHT({ bootstrap: [`dht.test:${port}`], host })
  const udx = (dht as unknown as { udx: { lookup(name: string): Promise<{ host: string }> } }).udx
  let resolves = false
  udx.lookup = async () => {
    if (resolves) return { host }
    throw new Error('EAI_AGAIN')
  }
  const [topic, a] = [randomTopic(), net.begin({ dht })]
  a.transport.join(topic, BOTH)
  const flushed = a.flush(topic)
  await Promise.all([a.is('offline'), a.gaveUp(topic)])
  expect(await isDone(flushed)).toBe(false)
  resolves = true
  expect(await took(Promise.all([flushed, a.is('online')]))).toBeLessThan(REACHABLE)
})

late('a change of the network has all announced anew', async (net) => {
  await net.up()
  const dht = net.dht.createNode()
  const [topic, a] = [randomTopic(), net.begin({ dht })]
  a.transport.join(topic, ANNOUNCE)
  await a.flush(topic)
  await a.is('online')
  const { length } = a.host.states
  const announced: unknown[] = []
  const announce = dht.announce.bind(dht)
  dht.announce = (...args: Parameters<typeof announce>) => {
    announced.push(args[0])
    return announce(...args)
  }
  dht.emit('network-change') // Hyperswarm announces its topics at once
  const atOnce = announced.length
  await a.host.until(() => a.host.states.length === length + 2)
  expect(a.host.states.slice(length)).toEqual(['connecting', 'online'])
  await a.flush(topic)
  expect(announced.length).toBeGreaterThan(atOnce)
  expect(a.host.faults).toEqual([])
})

late(
  'a swarm of the user’s that starts offline is used once it can be, and is left as it was',
  async (net) => {
    const swarm = net.swarm()
    const [topic, a] = [randomTopic(), net.begin({ swarm }, createHost(swarm.keyPair))]
    a.transport.join(topic, BOTH)
    const flushed = a.flush(topic)
    await Promise.all([a.is('offline'), a.gaveUp(topic)])
    expect(await isDone(flushed)).toBe(false)
    const up = net.up()
    expect(await took(Promise.all([flushed, a.is('online')]))).toBeLessThan(REACHABLE)
    await up
    await a.stop()
    expect([swarm.destroyed, swarm.dht.destroyed, swarm.suspended]).toEqual([false, false, false])
  }
)

late('a swarm of the user’s that only looks up is online when nodes answer', async (net) => {
  const swarm = net.swarm()
  const [topic, a] = [randomTopic(), net.begin({ swarm }, createHost(swarm.keyPair))]
  a.transport.join(topic, LOOKUP)
  const flushed = a.flush(topic)
  await Promise.all([a.is('offline'), a.gaveUp(topic)])
  expect(await isDone(flushed)).toBe(false)
  const up = net.up()
  expect(await took(Promise.all([flushed, a.is('online')]))).toBeLessThan(REACHABLE)
  await up
  expect(swarm.listening).toBeNull()
})

late('it resumes offline, and follows when the DHT is there', async (net) => {
  const [topic, a] = [randomTopic(), net.begin()]
  a.transport.join(topic, BOTH)
  await a.is('offline')
  await a.transport.suspend!()
  await a.transport.resume!()
  await a.is('connecting')
  const flushed = a.flush(topic)
  await a.is('offline')
  const up = net.up()
  expect(await took(Promise.all([flushed, a.is('online')]))).toBeLessThan(REACHABLE)
  await up
})

late('after a resume it is online only when its server has announced itself again', async (net) => {
  await net.up()
  const a = net.begin()
  await a.is('online')
  const { server } = a.transport.swarm as unknown as { server: { _announcer: { relays: unknown } } }
  const { relays } = server._announcer
  await a.transport.suspend!()
  expect(a.host.states.at(-1)).toBe('offline')
  await a.transport.resume!()
  await a.is('online')
  expect(server._announcer.relays).not.toBe(relays)
})

late('an abort, leave, suspend and stop end a flush that waits offline', async (net) => {
  const a = net.begin()
  const topics = [1, 2, 3, 4].map(randomTopic) as [Buffer, Buffer, Buffer, Buffer]
  for (const topic of topics) a.transport.join(topic, BOTH)
  await a.is('offline')
  const [aborted, left, suspended] = topics
  const [controller, reason] = [new AbortController(), new Error('enough')]
  const flush = a.transport.flush(aborted, controller)
  controller.abort(reason)
  await expect(flush).rejects.toBe(reason)
  const leaving = a.flush(left)
  await a.transport.leave(left)
  await leaving
  const suspending = a.flush(suspended)
  await a.transport.suspend!()
  await suspending
  await a.transport.resume!()
  const stopping = a.flush(topics[3])
  await a.stop()
  await stopping
})

late('on a destroyed DHT it is never flushed, and tells one fault', async (net) => {
  const dht = net.dht.createNode()
  await dht.destroy()
  const [topic, other, a] = [randomTopic(), randomTopic(), net.begin({ dht })]
  a.transport.join(topic, BOTH)
  a.transport.join(other, LOOKUP)
  const flushes = [a.flush(topic), a.flush(other)]
  await Promise.all([a.is('offline'), a.gaveUp(topic), a.gaveUp(other)])
  expect(await Promise.all(flushes.map(isDone))).toEqual([false, false])
  expect(a.host.faults).toHaveLength(1)
  await a.stop()
  await Promise.all(flushes)
})

test('a stop without a network does not wait to unannounce, since no node holds an announcement', async () => {
  const [host, transport] = [createHost(), hyperswarm({ bootstrap: ['127.0.0.1:1'] })]
  await transport.start(host)
  transport.join(randomTopic(), BOTH)
  await new Promise((resolve) => setImmediate(resolve)) // the query runs
  const begin = performance.now()
  host.close()
  await transport.stop()
  expect(performance.now() - begin).toBeLessThan(3_000) // to unannounce would take 5 s
})

/** Has a DHT's servers find no node to announce themselves to, until `works` is set. */
function serverless(dht: DHT): { works: boolean } {
  const state = { works: false }
  const queries = dht as unknown as { findPeer(...args: unknown[]): unknown }
  const findPeer = queries.findPeer.bind(dht)
  const none = { finished: async () => {}, destroy() {}, closestReplies: [], closestNodes: [] }
  queries.findPeer = (...args) => (state.works ? findPeer(...args) : none)
  return state
}
