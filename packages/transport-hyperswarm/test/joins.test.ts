import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { hyperswarm, type SwarmLike } from '../src/index.js'
import { ANNOUNCE, BOTH, createHost, randomTopic } from './network.js'

/** A fake swarm whose queries the test ends. Its DHT answers, and its server is announced. */
class FakeSwarm extends EventEmitter {
  readonly keyPair
  readonly dht = Object.assign(new EventEmitter(), {
    destroyed: false,
    async destroy() {},
    async fullyBootstrapped() {},
    async ping() {
      return 'pong'
    },
    toArray: () => [1]
  })
  readonly listening = Promise.resolve()
  readonly server = {
    suspend() {},
    refresh() {
      this._announcer.relays = [1]
    },
    _announcer: { relays: [1], _sleeper: { resume() {} } }
  }
  readonly connections = new Set<object>()
  readonly peers = new Map()
  readonly destroyed = false
  readonly suspended = false
  /** Ends a query. There is one function for each that runs. */
  readonly queries: ((result: boolean | undefined) => void)[] = []
  readonly modes: object[] = []
  joined = 0

  constructor(keyPair: SwarmLike['keyPair']) {
    super()
    this.keyPair = keyPair
  }

  join = () => {
    this.joined++
    return {
      refresh: async (mode?: object) => {
        if (mode) this.modes.push(mode)
        return await new Promise((resolve) => {
          this.queries.push(resolve)
          this.emit('query')
        })
      },
      discovery: { _closestNodes: [1] },
      flushed: async () => true,
      destroy: async () => {}
    }
  }

  joinPeer(): void {}
}

test('when 300 topics are joined at once, 50 queries run at a time, and each topic has its turn', async () => {
  const host = createHost()
  const swarm = new FakeSwarm(host.keyPair)
  const transport = hyperswarm({ swarm })
  await transport.start(host)
  try {
    const topics = Array.from({ length: 300 }, randomTopic)
    for (const topic of topics) transport.join(topic, ANNOUNCE)
    const flushed = Promise.all(topics.map((topic) => transport.flush(topic, new AbortController())))
    expect(swarm.joined).toBe(50)
    expect(swarm.queries).toHaveLength(50)
    let most = 0
    while (swarm.queries.length > 0) {
      most = Math.max(most, swarm.queries.length)
      swarm.queries.shift()!(true)
      await new Promise(setImmediate)
    }
    await flushed
    expect(most).toBe(50)
    expect(swarm.joined).toBe(300)
  } finally {
    await transport.stop()
  }
})

test('there is no query for a topic that is left before its turn, and one for a topic whose mode changes', async () => {
  const host = createHost()
  const swarm = new FakeSwarm(host.keyPair)
  const transport = hyperswarm({ swarm })
  await transport.start(host)
  try {
    const topics = Array.from({ length: 52 }, randomTopic)
    for (const topic of topics) transport.join(topic, ANNOUNCE)
    const [changed, left] = topics.slice(-2) as [Buffer, Buffer]
    const flushed = transport.flush(changed, new AbortController())
    const flushedLeft = transport.flush(left, new AbortController())
    transport.join(changed, BOTH)
    await transport.leave(left)
    await flushedLeft // it has nothing to wait for any more
    while (swarm.queries.length > 0) {
      swarm.queries.shift()!(true)
      await new Promise(setImmediate)
    }
    await flushed
    expect(swarm.joined).toBe(51)
    expect(swarm.modes).toEqual([])
  } finally {
    await transport.stop()
  }
})

test('a flush goes on when the mode changes: the ended query is no fault, a failed one is, and is made again', async () => {
  const host = createHost()
  const swarm = new FakeSwarm(host.keyPair)
  const transport = hyperswarm({ swarm })
  await transport.start(host)
  try {
    const topic = randomTopic()
    transport.join(topic, ANNOUNCE)
    let done = false
    const flushed = transport.flush(topic, new AbortController()).then(() => {
      done = true
    })
    transport.join(topic, BOTH)
    swarm.queries.shift()!(false)
    await new Promise(setImmediate)
    expect(done).toBe(false)
    expect(host.faults).toEqual([])
    expect(swarm.modes).toEqual([{ server: true, client: true }])
    const again = once(swarm, 'query')
    swarm.queries.shift()!(false)
    await again
    expect([done, host.faults.length]).toEqual([false, 1])
    swarm.queries.shift()!(true)
    await flushed
    expect(host.faults).toHaveLength(1)
  } finally {
    await transport.stop()
  }
})

test('a later flush begins a query of its own after one that runs already', async () => {
  const host = createHost()
  const swarm = new FakeSwarm(host.keyPair)
  const transport = hyperswarm({ swarm })
  await transport.start(host)
  try {
    const topic = randomTopic()
    transport.join(topic, ANNOUNCE)
    const first = transport.flush(topic, new AbortController())
    swarm.queries.shift()!(true)
    await first
    const second = transport.flush(topic, new AbortController())
    swarm.queries.shift()!(undefined) // Hyperswarm resolves so when a query ran already
    await new Promise(setImmediate)
    expect(swarm.queries).toHaveLength(1)
    swarm.queries.shift()!(true)
    await second
  } finally {
    await transport.stop()
  }
})

test('looks up again, a while later, when the network is back', async () => {
  const host = createHost()
  const swarm = new FakeSwarm(host.keyPair)
  const transport = hyperswarm({ swarm })
  await transport.start(host)
  try {
    transport.join(randomTopic(), BOTH)
    expect(swarm.queries).toHaveLength(1)
    const asked = once(swarm, 'query')
    swarm.dht.emit('network-update')
    await asked
    expect(swarm.queries).toHaveLength(2)
  } finally {
    await transport.stop()
  }
})
