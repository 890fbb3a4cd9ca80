import { randomBytes } from 'node:crypto'
import { hrtime } from 'node:process'
import { RecordingHost } from '@basestore/conformance'
import type { KeyPair } from '@basestore/networker/transport'
import { createTestnet, type Testnet } from '@basestore/testnet'
import type DHT from 'hyperdht'
import type Hyperswarm from 'hyperswarm'
import { afterAll, beforeAll, expect } from 'vitest'
import { type HyperswarmOptions, type HyperswarmTransport, hyperswarm } from '../src/index.js'

export const BOTH = { announce: true, lookup: true }
export const ANNOUNCE = { announce: true, lookup: false }
export const LOOKUP = { announce: false, lookup: true }

/** A transport, and the host that it was started for. */
export interface Party {
  readonly host: RecordingHost
  readonly transport: HyperswarmTransport
  /** The transport's swarm, with Hyperswarm's own types. */
  readonly swarm: Hyperswarm
  readonly key: Uint8Array
  flush(topic: Uint8Array): Promise<void>
  connect(key: Uint8Array): Promise<void>
  stop(): Promise<void>
  /** Kills it: it does not unannounce, and its connections are not closed. */
  kill(): Promise<void>
}

/**
 * A DHT that the tests of one file share. Call it at the top of the file.
 *
 * @returns runs a test with parties of its own on that DHT
 */
export function localDht(): (test: (network: LocalNetwork) => Promise<void>) => Promise<void> {
  let testnet: Testnet
  beforeAll(async () => {
    testnet = await createTestnet()
  })
  afterAll(() => testnet.destroy())
  return async (test) => {
    const network = new LocalNetwork(testnet)
    try {
      await test(network)
    } finally {
      await network.end()
    }
  }
}

/** The parties of one test. */
export class LocalNetwork {
  readonly #parties = new Set<Party>()
  readonly #hosts: RecordingHost[] = []
  readonly #nodes: DHT[] = []
  readonly #testnet: Testnet

  constructor(testnet: Testnet) {
    this.#testnet = testnet
  }

  async end(): Promise<void> {
    await Promise.all([...this.#parties].map((party) => party.stop()))
    await Promise.all(this.#nodes.map((node) => node.destroy()))
    expect(this.#hosts.flatMap(({ breaches }) => breaches)).toEqual([])
  }

  get bootstrap(): Testnet['bootstrap'] {
    return this.#testnet.bootstrap
  }

  createNode(): DHT {
    const node = this.#testnet.createNode()
    this.#nodes.push(node)
    return node
  }

  async party(options: HyperswarmOptions = {}, host = createHost()): Promise<Party> {
    const own = options.swarm || options.dht || options.bootstrap ? {} : { dht: this.createNode() }
    const transport = hyperswarm({ ...own, ...options })
    this.#hosts.push(host)
    await transport.start(host)
    const swarm = transport.swarm as unknown as Hyperswarm
    const { signal } = new AbortController()
    const party: Party = {
      host,
      transport,
      swarm,
      key: host.keyPair.publicKey,
      flush: (topic) => transport.flush(topic, { signal }),
      connect: (key) => transport.connect!(key, { signal }),
      stop: async () => {
        if (!this.#parties.delete(party)) return
        host.close()
        await transport.stop()
      },
      kill: async () => {
        this.#parties.delete(party)
        await swarm.dht.destroy({ force: true })
      }
    }
    this.#parties.add(party)
    return party
  }

  /** A party that announces a topic, and is found. */
  async announcer(topic: Uint8Array, options?: HyperswarmOptions): Promise<Party> {
    const party = await this.party(options)
    party.transport.join(topic, ANNOUNCE)
    await party.flush(topic)
    return party
  }

  /** Announces a topic under keys whose parties are dead. A dial to one takes 8 s to fail. */
  async dead(topic: Uint8Array, count: number): Promise<void> {
    const parties = await Promise.all(Array.from({ length: count }, () => this.announcer(topic)))
    await Promise.all(parties.map((party) => party.kill()))
  }
}

/** A host that ends its streams when the remote does, as a networker does. */
export function createHost(keyPair?: KeyPair): RecordingHost {
  return new RecordingHost({ endsBack: true, ...(keyPair && { keyPair }) })
}

/** How many peers have an open connection to this host. Two that dial each other can have two. */
export function openPeers({ open }: RecordingHost): number {
  return new Set(open.map(({ key }) => key)).size
}

export function randomTopic(): Buffer {
  return randomBytes(32)
}

/** How many dials a swarm has begun. */
export function attempted(swarm: Hyperswarm): number {
  const { stats } = swarm as unknown as { stats: { connects: { client: { attempted: number } } } }
  return stats.connects.client.attempted
}

/** How long work takes (ms). */
export async function took(work: Promise<unknown>): Promise<number> {
  const start = hrtime.bigint()
  await work
  return Number(hrtime.bigint() - start) / 1e6
}
