import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Networker, type Transport } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import type HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import { type Bootstrap, enterDht } from '../../harness/dht.js'

export interface HolderOptions {
  /**
   * `ours` is a networker on the memory network, or on the DHT; `bare` the memory network's transport without one;
   * `raw` a Hyperswarm without one. `alone` is a networker over a transport that does nothing, and `flushing` one
   * whose transport is never done with a flush.
   */
  readonly who: 'ours' | 'alone' | 'flushing' | 'bare' | 'raw'
  /** Where it makes a folder for its store. */
  readonly directory: string
  /** Of the DHT. @default none: the memory network */
  readonly bootstrap?: Bootstrap
}

/** Someone who holds topics. */
export interface Holder {
  readonly publicKey: Uint8Array
  /** Announces and looks up. Resolves when that is under way. */
  join(topic: Uint8Array): void | Promise<void>
  /** Resolves when so many topics are flushed. */
  flushed(count: number): Promise<void>
  /** Leaves all, and ends what it found them by. */
  close(): Promise<void>
  /** Closes what only it used. */
  dispose(): Promise<void>
}

export async function hold({ who, directory, bootstrap }: HolderOptions): Promise<Holder> {
  const dht = bootstrap && (await enterDht(bootstrap))
  if (who === 'raw') return raw(dht!)
  if (who === 'bare') return bare()
  if (dht) return ours(directory, hyperswarm({ dht }), () => dht.destroy())
  if (who === 'ours') return ours(directory, new MemoryNetwork().transport())
  return ours(directory, new Idle(who === 'alone'))
}

async function ours(directory: string, transport: Transport, after = async () => {}): Promise<Holder> {
  const store = new Corestore(await mkdtemp(join(directory, 'topics-')))
  await store.ready()
  const networker = new Networker(store, { transports: [transport] })
  const flushes = new Tally()
  networker.on('flushed', () => flushes.add())
  await networker.listen()
  return {
    publicKey: networker.keyPair.publicKey,
    join: (topic) => networker.configure(topic, { flush: false }),
    flushed: (count) =>
      transport instanceof Idle && !transport.flushes ? Promise.resolve() : flushes.reaches(count),
    async close() {
      await networker.close()
      await after()
    },
    dispose: () => store.close()
  }
}

async function bare(): Promise<Holder> {
  const transport = new MemoryNetwork().transport()
  const stopping = new AbortController()
  const { signal } = stopping
  const keyPair = NoiseSecretStream.keyPair()
  const fault = (error: unknown) => {
    throw error
  }
  await transport.start({ keyPair, signal, wants: () => true, connected() {}, fault })
  const flushes = new Tally()
  return {
    publicKey: keyPair.publicKey,
    join(topic) {
      transport.join(topic, { announce: true, lookup: true })
      transport.flush(topic, { signal }).then(() => flushes.add())
    },
    flushed: (count) => flushes.reaches(count),
    async close() {
      stopping.abort()
      await transport.stop()
    },
    async dispose() {}
  }
}

function raw(dht: HyperDHT): Holder {
  const swarm = new Hyperswarm({ dht })
  const flushes = new Tally()
  return {
    publicKey: swarm.keyPair.publicKey,
    join(topic) {
      const session = swarm.join(topic, { server: true, client: true })
      session.flushed().then((found) => found && flushes.add())
    },
    flushed: (count) => flushes.reaches(count),
    close: () => swarm.destroy(),
    async dispose() {}
  }
}

/** A transport that does nothing. */
class Idle implements Transport {
  readonly name = 'idle'
  readonly flushes: boolean

  constructor(flushes: boolean) {
    this.flushes = flushes
  }

  start(): void {}
  join(): void {}
  leave(): void {}
  stop(): void {}

  flush(_topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    if (this.flushes) return Promise.resolve()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
}

/** Counts. */
class Tally {
  #count = 0
  #goal = Number.POSITIVE_INFINITY
  #reached = () => {}

  add(): void {
    if (++this.#count === this.#goal) this.#reached()
  }

  reaches(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve()
    this.#goal = count
    return new Promise((resolve) => {
      this.#reached = resolve
    })
  }
}
