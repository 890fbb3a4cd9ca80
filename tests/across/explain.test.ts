import {
  Networker,
  type NetworkerOptions,
  type PeerCause,
  type PeerExplanation,
  type TopicExplanation
} from '@basestore/networker'
import { createTestnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import {
  type HostOptions,
  MemoryNetwork,
  type MemoryNetworkOptions,
  VirtualClock
} from '@basestore/transport-memory'
import type HyperDHT from 'hyperdht'
import { expect, test } from 'vitest'

const TOPIC = Buffer.alloc(32, 7)
const OTHER = Buffer.alloc(32, 8)
const ANNOUNCE = { announce: true, lookup: false, flush: false }
const LOOKUP = { announce: false, lookup: true, flush: false }
/** Longer than any bound of a dial, a handshake and a greeting (ms). */
const LONG = 20_000

/** Two networkers in virtual time. */
interface Pair {
  readonly network: MemoryNetwork
  readonly a: Networker
  readonly b: Networker
  /** A third networker. */
  readonly c: Networker
  /** B announces the topic, A looks it up. */
  meet(): Promise<void>
}

interface Row {
  readonly fault: string
  readonly cause: PeerCause
  readonly text: RegExp
  readonly network?: MemoryNetworkOptions
  readonly a?: Partial<NetworkerOptions>
  readonly b?: Partial<NetworkerOptions>
  readonly hosts?: { readonly a?: HostOptions; readonly b?: HostOptions }
  /** Whom A is asked about. @default B */
  key?(pair: Pair): Promise<Uint8Array> | Uint8Array
  run(pair: Pair): Promise<void> | void
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

async function inject(pair: Pair, fault: (pair: Pair) => void): Promise<void> {
  fault(pair)
  await pair.meet()
  await sleep(LONG)
}

const dials = (how: Parameters<MemoryNetwork['failDials']>[2]) => (pair: Pair) =>
  inject(pair, ({ network }) => network.failDials('a', 'b', how))

const rows: Row[] = [
  { fault: 'none', cause: 'connected', text: /is connected\.\n/, run: (pair) => inject(pair, () => {}) },
  {
    fault: 'partition',
    cause: 'timeout',
    text: /timed out/,
    run: (pair) => inject(pair, ({ network }) => network.partition('a', 'b'))
  },
  {
    fault: 'partition that holds',
    cause: 'silent',
    text: /said nothing during the handshake/,
    run: (pair) => inject(pair, ({ network }) => network.partition('a', 'b', { mode: 'hold' }))
  },
  {
    fault: 'partition that resets',
    cause: 'reset',
    text: /broke before it was encrypted/,
    run: (pair) => inject(pair, ({ network }) => network.partition('a', 'b', { mode: 'reset' }))
  },
  {
    fault: 'partition of a connection',
    cause: 'lost',
    text: /connection was lost/,
    run: async (pair) => {
      await inject(pair, () => {})
      pair.network.partition('a', 'b')
      await sleep(11_000)
    }
  },
  {
    fault: 'a dial that is refused',
    cause: 'unreachable',
    text: /takes no connection/,
    run: dials('refused')
  },
  { fault: 'a dial that times out', cause: 'timeout', text: /timed out/, run: dials('timeout') },
  { fault: 'a dial without frames', cause: 'silent', text: /said nothing/, run: dials('silent') },
  { fault: 'a half-open dial', cause: 'half-open', text: /never heard/, run: dials('half-open') },
  {
    fault: 'no more links at its host',
    cause: 'unreachable',
    text: /takes no connection/,
    hosts: { b: { maxLinks: 0 } },
    run: (pair) => inject(pair, () => {})
  },
  {
    fault: 'its firewall',
    cause: 'refused',
    text: /its firewall refuses us/,
    b: { firewall: () => true },
    run: (pair) => inject(pair, () => {})
  },
  {
    fault: 'our firewall',
    cause: 'our-firewall',
    text: /our own firewall/,
    a: { firewall: () => true },
    run: (pair) => inject(pair, () => {})
  },
  {
    fault: 'no room at the remote',
    cause: 'full',
    text: /as many peers as it takes/,
    b: { maxPeers: 1 },
    run: async (pair) => {
      await pair.b.listen()
      await pair.c.connect(pair.b.keyPair.publicKey)
      await inject(pair, () => {})
    }
  },
  {
    fault: 'no room here',
    cause: 'our-max-peers',
    text: /our maxPeers option/,
    a: { maxPeers: 1 },
    run: async (pair) => {
      await pair.a.listen()
      await pair.c.connect(pair.a.keyPair.publicKey)
      await inject(pair, () => {})
    }
  },
  {
    fault: 'a key that nobody has',
    cause: 'gone',
    text: /the key is wrong(.|\n)*never found under a topic/,
    key: () => OTHER,
    run: async ({ a }) => {
      await expect(a.connect(OTHER)).rejects.toThrow('Could not connect')
    }
  },
  {
    fault: 'records of nobody',
    cause: 'gone',
    text: /announcement was left behind/,
    network: { discovery: { fakes: 1 } },
    key: async ({ a }) => ((await a.explain(TOPIC)) as TopicExplanation).found[0]!,
    run: async ({ a }) => {
      await a.configure(TOPIC, LOOKUP)
      await sleep(LONG)
    }
  },
  {
    fault: 'a remote that is paused',
    cause: 'timeout',
    text: /timed out/,
    run: async (pair) => {
      await pair.b.configure(TOPIC, ANNOUNCE)
      await inject(pair, ({ network }) => network.pause('b'))
    }
  },
  {
    fault: 'bytes that are changed',
    cause: 'garbled',
    text: /was no handshake/,
    run: (pair) => inject(pair, ({ network }) => network.corrupt('b', 'a', { oneWay: true }))
  },
  {
    fault: 'frames that are dropped',
    cause: 'silent',
    text: /said nothing/,
    run: (pair) => inject(pair, ({ network }) => network.rule(() => 'drop'))
  },
  ...(['random', 'blocked'] as const).map(
    (nat): Row => ({
      fault: `two NATs that are ${nat}`,
      cause: 'nat',
      text: new RegExp(`ours is '${nat}', its is '${nat}'`),
      hosts: { a: { nat }, b: { nat } },
      run: (pair) => inject(pair, () => {})
    })
  ),
  {
    fault: 'a dead record',
    cause: 'gone',
    text: /announcement was left behind(.|\n)*found by memory under topic/,
    run: async ({ network, a, b }) => {
      await b.configure(TOPIC, ANNOUNCE)
      await sleep(100)
      network.kill('b')
      await a.configure(TOPIC, LOOKUP)
      await sleep(LONG)
    }
  },
  {
    fault: 'a discovery that misses',
    cause: 'not-found',
    text: /never found under any topic/,
    network: { discovery: { missed: 1 } },
    run: (pair) => inject(pair, () => {})
  },
  {
    fault: 'another topic',
    cause: 'not-found',
    text: /never found under any topic/,
    run: async ({ a, b }) => {
      await b.configure(OTHER, ANNOUNCE)
      await a.configure(TOPIC, LOOKUP)
      await sleep(LONG)
    }
  },
  {
    fault: 'a DHT that is down',
    cause: 'offline',
    text: /no transport has a network/,
    run: (pair) => inject(pair, ({ network }) => network.failDiscovery())
  },
  {
    fault: 'a cable that is out',
    cause: 'offline',
    text: /no transport has a network/,
    run: (pair) => inject(pair, ({ network }) => network.unplug('a'))
  },
  {
    fault: 'its cable that is out',
    cause: 'not-found',
    text: /never found/,
    run: (pair) => inject(pair, ({ network }) => network.unplug('b'))
  },
  {
    fault: 'a remote that is suspended',
    cause: 'suspended',
    text: /it is suspended/,
    run: async (pair) => {
      await inject(pair, () => {})
      await pair.b.suspend()
      await sleep(LONG)
    }
  },
  {
    fault: 'a remote that has closed',
    cause: 'closing',
    text: /it is closing/,
    run: async (pair) => {
      await inject(pair, () => {})
      await pair.b.close()
      await sleep(LONG)
    }
  },
  {
    fault: 'a remote that was killed',
    cause: 'lost',
    text: /connection was lost/,
    run: async (pair) => {
      await inject(pair, () => {})
      pair.network.kill('b')
      await sleep(11_000)
    }
  },
  {
    fault: 'a suspend of ours',
    cause: 'our-suspend',
    text: /we are suspended/,
    run: async (pair) => {
      await inject(pair, () => {})
      await pair.a.suspend()
    }
  },
  {
    fault: 'a close of ours',
    cause: 'our-close',
    text: /our networker is closed/,
    run: async (pair) => {
      await inject(pair, () => {})
      await pair.a.close()
    }
  },
  {
    fault: 'a disconnect of ours',
    cause: 'our-disconnect',
    text: /we ended the connection/,
    run: async (pair) => {
      await inject(pair, () => {})
      pair.a.disconnect(pair.b.keyPair.publicKey)
      await sleep(100)
    }
  },
  {
    fault: 'a ban of ours',
    cause: 'our-ban',
    text: /the app has banned it/,
    run: async (pair) => {
      await inject(pair, () => {})
      pair.a.disconnect(pair.b.keyPair.publicKey, { ban: 60_000 })
      await sleep(100)
    }
  },
  { fault: 'nothing that was started', cause: 'not-started', text: /nothing was started/, run: () => {} }
]

async function inVirtualTime(
  row: Row,
  check: (explained: PeerExplanation, pair: Pair) => void
): Promise<void> {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, link: { latency: 10 }, ...row.network })
  const make = (name: 'a' | 'b' | 'c', options?: Partial<NetworkerOptions>) => {
    const transport = network.transport(network.host({ ...row.hosts?.[name as 'a' | 'b'], name }))
    return new Networker({ replicate: () => {} }, { transports: [transport], warn: false, ...options })
  }
  await clock.run(async () => {
    const [a, b, c] = [make('a', row.a), make('b', row.b), make('c')]
    const meet = async () => {
      await b.configure(TOPIC, ANNOUNCE)
      await a.configure(TOPIC, LOOKUP)
    }
    const pair = { network, a, b, c, meet }
    try {
      await row.run(pair)
      const key = (await row.key?.(pair)) ?? b.keyPair.publicKey
      check((await a.explain(key)) as PeerExplanation, pair)
    } finally {
      network.heal()
      await Promise.all([a, b, c].map((networker) => networker.close()))
    }
  })
}

test.each(rows)('names $fault', (row) =>
  inVirtualTime(row, (explained) => {
    expect(explained).toMatchObject({ type: 'peer', cause: row.cause })
    expect(String(explained)).toMatch(row.text)
  })
)

/** Two networkers over a DHT on loopback. */
async function overHyperswarm(
  options: { readonly b?: Partial<NetworkerOptions> },
  run: (pair: { a: Networker; b: Networker; dht: HyperDHT; remoteDht: HyperDHT }) => Promise<void>
): Promise<void> {
  const testnet = await createTestnet()
  const [dht, remoteDht] = [testnet.createNode(), testnet.createNode()]
  const store = { replicate: () => {} }
  const a = new Networker(store, { transports: [hyperswarm({ dht })], warn: false })
  const b = new Networker(store, { transports: [hyperswarm({ dht: remoteDht })], warn: false, ...options.b })
  try {
    await run({ a, b, dht, remoteDht })
  } finally {
    await Promise.all([a.close(), b.close()])
    await testnet.destroy()
  }
}

test('Hyperswarm: a remote refuses us', () =>
  overHyperswarm({ b: { firewall: () => true } }, async ({ a, b }) => {
    await b.configure(TOPIC, { lookup: false })
    await a.configure(TOPIC, { announce: false })
    const explained = (await a.explain(b.keyPair.publicKey)) as PeerExplanation
    expect(explained).toMatchObject({ cause: 'refused', found: [{ topic: TOPIC, transport: 'hyperswarm' }] })
    expect(explained.next).toBeGreaterThan(Date.now())
    const topic = (await a.explain(TOPIC)) as TopicExplanation
    expect(topic).toMatchObject({ cause: 'none-connected', tried: [b.keyPair.publicKey], connected: [] })
    expect(topic.transports).toMatchObject([{ announced: null, lookup: { found: 1 } }])
    const atB = (await b.explain(TOPIC)) as TopicExplanation
    expect(atB).toMatchObject({ cause: 'announced', found: [] })
    expect(atB.transports[0]!.announced!.nodes).toBeGreaterThan(0)
  }))

test('Hyperswarm: a record is left of a dead peer', () =>
  overHyperswarm({}, async ({ a, b, remoteDht }) => {
    await b.configure(TOPIC, { lookup: false })
    await remoteDht.destroy({ force: true })
    await a.configure(TOPIC, { announce: false })
    const explained = (await a.explain(b.keyPair.publicKey)) as PeerExplanation
    expect(explained.found).toHaveLength(1)
    expect(explained.cause).toMatch(/^(gone|timeout)$/)
    expect(explained.attempts).not.toEqual([])
  }))

test('Hyperswarm: a connection, and its loss', () =>
  overHyperswarm({}, async ({ a, b }) => {
    await b.configure(TOPIC, { lookup: false })
    await a.configure(TOPIC, { announce: false })
    const { publicKey } = b.keyPair
    const explained = (await a.explain(publicKey)) as PeerExplanation
    expect(explained).toMatchObject({
      cause: 'connected',
      found: [{ topic: TOPIC, transport: 'hyperswarm' }],
      failures: 0,
      connection: { transport: 'hyperswarm', type: 'udx', direction: 'out' }
    })
    const removed = new Promise((resolve) => a.once('peer-remove', resolve))
    await b.suspend()
    await removed
    expect(await a.explain(publicKey)).toMatchObject({
      cause: 'suspended',
      found: [{ topic: TOPIC }],
      last: { ended: 'suspended' }
    })
  }))

test('Hyperswarm: no node of the DHT answers', async () => {
  const bootstrap = [{ host: '127.0.0.1', port: 1 }]
  const networker = new Networker(
    { replicate: () => {} },
    { transports: [hyperswarm({ bootstrap })], warn: false }
  )
  try {
    const offline = new Promise<void>((resolve) => {
      networker.on('online-change', (state) => state === 'offline' && resolve())
    })
    await networker.configure(TOPIC, { flush: false })
    await offline
    expect(await networker.explain(TOPIC)).toMatchObject({
      cause: 'offline',
      transports: [{ online: 'offline' }]
    })
    expect(await networker.explain(OTHER)).toMatchObject({ cause: 'offline' })
    expect(String(await networker.explain(TOPIC))).toMatch(
      /no transport has a network(.|\n)*no node of the DHT answer/
    )
  } finally {
    await networker.close()
  }
})
