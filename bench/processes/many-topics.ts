// Holds many topics in a process of its own, and tells what they cost. Started with --expose-gc.
import { randomBytes } from 'node:crypto'
import { type Holder, type HolderOptions, hold } from '../contenders/ours/topic-holder.js'
import { settledHeap } from '../harness/heap.js'
import { serve } from '../harness/serve.js'

let holder: Holder | undefined
/** Bytes before the topics. */
let before: number
let joined: number
/** Kept to the end, so that they count among no bytes. */
let topics: readonly Uint8Array[]

const handlers = {
  /**
   * @param warmUp topics to begin with: enough for V8 to have compiled what runs for each, so that it counts among no
   * topic's bytes. On the DHT they stay, elsewhere another holder has them.
   * @returns the public key that is announced
   */
  async open(options: HolderOptions, warmUp: number): Promise<Uint8Array> {
    let opened = await hold(options)
    await Promise.all(Array.from({ length: warmUp }, () => opened.join(randomBytes(32))))
    await opened.flushed(warmUp)
    joined = warmUp
    if (!options.bootstrap) {
      await opened.close()
      await opened.dispose()
      opened = await hold(options)
      joined = 0
    }
    holder = opened
    return opened.publicKey
  },

  /**
   * Joins all at once, announcing and looking up.
   *
   * @returns ms until all are under way and until all are flushed, and the bytes that they hold then
   */
  async join(given: readonly Uint8Array[]): Promise<{ begin: number; flush: number; heap: number }> {
    const { join, flushed } = holder!
    topics = given
    before = await settledHeap()
    const start = performance.now()
    await Promise.all(topics.map((topic) => join(topic)))
    const begin = performance.now() - start
    joined += topics.length
    await flushed(joined)
    const flush = performance.now() - start
    return { begin, flush, heap: (await settledHeap()) - before }
  },

  /** @returns ms until all are left, and the bytes that are still held when nobody holds on to what was closed */
  async close(): Promise<{ close: number; left: number }> {
    const start = performance.now()
    await holder!.close()
    const close = performance.now() - start
    await holder!.dispose()
    holder = undefined
    const left = (await settledHeap()) - before
    topics = []
    return { close, left }
  }
}

export type ManyTopicsHandlers = typeof handlers

serve(handlers)
