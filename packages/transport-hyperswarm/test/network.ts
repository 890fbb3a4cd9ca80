import { randomBytes } from 'node:crypto'
import { hrtime } from 'node:process'
import { createTestnet, type Testnet } from '@basestore/testnet'
import type DHT from 'hyperdht'
import type Hyperswarm from 'hyperswarm'
import { expect } from 'vitest'
import { type HyperswarmOptions, type HyperswarmTransport, hyperswarm } from '../src/index.js'
import { FakeHost } from './host.js'

export const BOTH = { announce: true, lookup: true }
export const ANNOUNCE = { announce: true, lookup: false }
export const LOOKUP = { announce: false, lookup: true }

/** A transport, and the networker it was started for. */
export interface Party {
  readonly host: FakeHost
  readonly transport: HyperswarmTransport
  /** The swarm with all that Hyperswarm has. */
  readonly swarm: Hyperswarm
  readonly key: Uint8Array
  flush(topic: Uint8Array): Promise<void>
  connect(key: Uint8Array): Promise<void>
  stop(): Promise<void>
  /** Vanishes without a word to the DHT. */
  kill(): Promise<void>
}

/** Parties on a DHT of their own. */
export class LocalNetwork {
  readonly #parties = new Set<Party>()
  readonly #testnet: Testnet

  private constructor(testnet: Testnet) {
    this.#testnet = testnet
  }

  static async run(test: (network: LocalNetwork) => Promise<void>): Promise<void> {
    const network = new LocalNetwork(await createTestnet())
    try {
      await test(network)
      for (const { host } of network.#parties) expect(host.breaches).toEqual([])
    } finally {
      await Promise.all([...network.#parties].map((party) => party.stop()))
      await network.#testnet.destroy()
    }
  }

  get bootstrap(): Testnet['bootstrap'] {
    return this.#testnet.bootstrap
  }

  createNode(): DHT {
    return this.#testnet.createNode()
  }

  async party(options: HyperswarmOptions = {}, host = new FakeHost()): Promise<Party> {
    const own = options.swarm || options.dht || options.bootstrap ? {} : { dht: this.createNode() }
    const transport = hyperswarm({ ...own, ...options })
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

  /** Keys under which nobody answers, though the DHT says so. */
  async dead(topic: Uint8Array, count: number): Promise<void> {
    const parties = await Promise.all(Array.from({ length: count }, () => this.announcer(topic)))
    await Promise.all(parties.map((party) => party.kill()))
  }
}

export function randomTopic(): Buffer {
  return randomBytes(32)
}

/** Dials that a swarm has begun. */
export function attempted(swarm: Hyperswarm): number {
  const { stats } = swarm as unknown as { stats: { connects: { client: { attempted: number } } } }
  return stats.connects.client.attempted
}

/** Milliseconds that something took. */
export async function took(work: Promise<unknown>): Promise<number> {
  const start = hrtime.bigint()
  await work
  return Number(hrtime.bigint() - start) / 1e6
}
