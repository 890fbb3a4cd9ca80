// Holds many topics in a process of its own, and tells what they cost. Started with --expose-gc.
import { randomBytes } from 'node:crypto'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { MemoryNetwork } from '@basestore/transport-memory'
import { bareHolder } from '../contenders/bare/topic-holder.js'
import { IdleTransport, ourHolder } from '../contenders/ours/topic-holder.js'
import { rawHolder } from '../contenders/raw/topic-holder.js'
import type { TopicHolder } from '../contenders/topic-holder.js'
import { type Bootstrap, enterDht } from '../harness/dht.js'
import { heapAtRest } from '../harness/heap.js'
import { serve } from '../harness/serve.js'

export interface HolderOptions {
  /**
   * `ours` is a networker on the memory network, or on the DHT. `bare` is the memory network's transport by itself, and
   * `raw` a Hyperswarm. `alone` is a networker over a transport that does nothing, and `flushing` one whose transport
   * never ends a flush.
   */
  readonly contender: 'ours' | 'alone' | 'flushing' | 'bare' | 'raw'
  /** Folder in which it makes one for its store. */
  readonly directory: string
  /** The nodes of the DHT. @default none: the memory network */
  readonly bootstrap?: Bootstrap
}

let holder: TopicHolder | undefined
/** Bytes before the topics. */
let before: number
let joined: number
/** Kept until the end, so that the topics themselves count neither as held nor as freed. */
let topics: readonly Uint8Array[]

const handlers = {
  /**
   * @param warmUp topics that are joined first: V8 compiles there what runs for each topic, so that no topic pays for
   * it. On the DHT they stay joined; elsewhere another holder has them.
   * @returns the public key that is announced
   */
  async open(options: HolderOptions, warmUp: number): Promise<Uint8Array> {
    let opened = await holderOf(options)
    await Promise.all(Array.from({ length: warmUp }, () => opened.join(randomBytes(32))))
    await opened.flushed(warmUp)
    joined = warmUp
    if (!options.bootstrap) {
      await opened.close()
      await opened.dispose()
      opened = await holderOf(options)
      joined = 0
    }
    holder = opened
    return opened.publicKey
  },

  /**
   * Announces and looks up all topics at once.
   *
   * @returns the time until all are under way and until all are flushed (ms), and the memory that they hold then (bytes)
   */
  async join(given: readonly Uint8Array[]): Promise<{ begin: number; flush: number; heap: number }> {
    const { join, flushed } = holder!
    topics = given
    before = await heapAtRest()
    const start = performance.now()
    await Promise.all(topics.map((topic) => join(topic)))
    const begin = performance.now() - start
    joined += topics.length
    await flushed(joined)
    const flush = performance.now() - start
    return { begin, flush, heap: (await heapAtRest()) - before }
  },

  /** @returns the time until all are left (ms), and the memory that is held when the holder is forgotten (bytes) */
  async close(): Promise<{ close: number; left: number }> {
    const start = performance.now()
    await holder!.close()
    const close = performance.now() - start
    await holder!.dispose()
    holder = undefined
    const left = (await heapAtRest()) - before
    topics = []
    return { close, left }
  }
}

export type ManyTopicsHandlers = typeof handlers

serve(handlers)

async function holderOf({ contender, directory, bootstrap }: HolderOptions): Promise<TopicHolder> {
  const dht = bootstrap && (await enterDht(bootstrap))
  if (contender === 'raw') return rawHolder(dht!)
  if (contender === 'bare') return bareHolder()
  if (dht) return ourHolder(directory, hyperswarm({ dht }), { onclose: () => dht.destroy() })
  if (contender === 'ours') return ourHolder(directory, new MemoryNetwork().transport())
  return ourHolder(directory, new IdleTransport(contender === 'alone'))
}
