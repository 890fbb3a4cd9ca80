import { randomBytes } from 'node:crypto'
import type HyperDHT from 'hyperdht'
import type { Child } from '../../harness/child.js'
import type { Scratch } from '../../harness/scratch.js'
import type { HolderOptions, ManyTopicsHandlers } from '../many-topics.js'

const PROGRAM = new URL('../many-topics.ts', import.meta.url)
/** Topics that are joined before the ones that count. */
const WARM_UP = { memory: 500, dht: 5, quick: 1 }
/** Topics of a trial that are looked up, to see whether they are announced. */
const LOOKUPS = 20
/** Requests in flight of the node that looks topics up. HyperDHT's default of 80 would make the lookups wait. */
const MAX_WINDOW = 1_000

/** The costs of many topics. */
export interface TopicCost {
  /** Time until all were under way (ms). */
  readonly begin: number
  /** Time until all were flushed (ms). */
  readonly flush: number
  /** Time until all were left (ms). */
  readonly close: number
  /** Memory that is held once all are flushed (bytes). */
  readonly heap: number
  /** Memory that is held after the close (bytes). */
  readonly left: number
  /** Share of the announcements that are found after the close, from 0 to 1. */
  readonly found: number
}

/** Runs trials, each in a process of its own. In a quick run all share one process. */
export class TopicTrials {
  readonly #scratch: Scratch
  readonly #quick: boolean
  #child: Child<ManyTopicsHandlers> | undefined
  #seeker: HyperDHT | undefined

  constructor(scratch: Scratch, quick: boolean) {
    this.#scratch = scratch
    this.#quick = quick
  }

  async onMemory(contender: 'ours' | 'bare' | 'alone' | 'flushing', size: number): Promise<TopicCost> {
    const { directory } = this.#scratch
    return this.#trial({ contender, directory }, size, async () => 0)
  }

  async onDht(contender: 'ours' | 'raw', size: number): Promise<TopicCost> {
    const { directory, testnet } = this.#scratch
    const { bootstrap } = testnet
    return this.#trial({ contender, directory, bootstrap }, size, async (topics, key) =>
      this.#found(topics, key)
    )
  }

  /** @param found tells the share of topics that are found announced by a key */
  async #trial(
    options: HolderOptions,
    size: number,
    found: (topics: readonly Uint8Array[], key: Uint8Array) => Promise<number>
  ): Promise<TopicCost> {
    const topics = Array.from({ length: size }, () => randomBytes(32))
    const isOnDht = options.bootstrap !== undefined
    this.#child ??= this.#scratch.start<ManyTopicsHandlers>(PROGRAM, { execArgv: ['--expose-gc'] })
    const child = this.#child
    const key = await child.ask('open', options, this.#warmUp(isOnDht))
    const joined = await child.ask('join', topics)
    if (isOnDht && (await found(topics, key)) < 1)
      throw new Error(`${options.contender} did not announce all topics`)
    const closed = await child.ask('close')
    const cost = { ...joined, ...closed, found: await found(topics, key) }
    if (!this.#quick) await this.#end()
    return cost
  }

  async #end(): Promise<void> {
    await this.#child?.kill()
    this.#child = undefined
  }

  #warmUp(isOnDht: boolean): number {
    if (this.#quick) return WARM_UP.quick
    return isOnDht ? WARM_UP.dht : WARM_UP.memory
  }

  async #found(topics: readonly Uint8Array[], key: Uint8Array): Promise<number> {
    this.#seeker ??= this.#scratch.testnet.createNode({ maxWindow: MAX_WINDOW })
    await this.#seeker.fullyBootstrapped()
    const step = Math.ceil(topics.length / LOOKUPS)
    const some = topics.filter((_, index) => index % step === 0)
    const found = await Promise.all(some.map((topic) => this.#isAnnounced(topic, key)))
    return found.filter(Boolean).length / some.length
  }

  async #isAnnounced(topic: Uint8Array, key: Uint8Array): Promise<boolean> {
    let isAnnounced = false
    for await (const { peers } of this.#seeker!.lookup(topic)) {
      isAnnounced ||= peers.some(({ publicKey }) => publicKey.equals(key))
    }
    return isAnnounced
  }
}
