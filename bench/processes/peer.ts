// A peer in a process of its own, which does what it is asked to: ours, raw, or raw over a TCP socket.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import Corestore from 'corestore'
import type Hypercore from 'hypercore'
import type HyperDHT from 'hyperdht'
import type { OpenOptions, SwarmPeer } from '../contenders/swarm-peer.js'
import { enterDht } from '../harness/dht.js'
import { startProfile, stopProfile } from '../harness/profile.js'
import { serve, usage } from '../harness/serve.js'

type Contender = 'ours' | 'raw' | 'tcp' | '1.x'

/** What came of reading cores. */
export interface Download {
  /** From the join to the last block. */
  readonly ms: number
  /** CPU seconds of this process meanwhile. */
  readonly cpu: number
  /** The SHA-256 of all blocks in their order, in hex. */
  readonly hash: string
  readonly bytes: number
}

/** How many blocks are appended at once. */
const BATCH = 64
/** Milliseconds until a read is given up, so that a run that moves nothing fails. */
const TIMEOUT = 120_000
const LOOKUP = { announce: false, lookup: true, flush: false }

let store: Corestore
let dht: HyperDHT
/** Made with the first join. */
let made: SwarmPeer | undefined
let make: () => SwarmPeer
let cores: Hypercore[] = []

const handlers = {
  /** Opens the store and enters the DHT. Nothing is joined. @returns the store's folder */
  async open({ contender, bootstrap, directory }: OpenOptions<Contender>): Promise<string> {
    const folder = await mkdtemp(join(directory, `${contender}-`))
    store = new Corestore(folder)
    await store.ready()
    dht = await enterDht(bootstrap)
    make = await load(contender, directory)
    return folder
  },

  /** Fills a core with random blocks. @returns its key, and the SHA-256 of all blocks in their order */
  async append(blocks: number, size: number): Promise<{ key: Uint8Array; hash: string }> {
    const core = store.get({ name: randomBytes(8).toString('hex') })
    const hash = createHash('sha256')
    for (let left = blocks; left > 0; left -= BATCH) {
      const batch = Array.from({ length: Math.min(left, BATCH) }, () => randomBytes(size))
      for (const block of batch) hash.update(block)
      await core.append(batch)
    }
    return { key: core.key!, hash: hash.digest('hex') }
  },

  /** Joins the topic of a core. @returns how long that took, in ms */
  async join(key: Uint8Array, options: Parameters<SwarmPeer['join']>[1]): Promise<number> {
    const core = store.get({ key })
    await core.ready()
    const start = performance.now()
    await peer().join(core.discoveryKey!, options)
    return performance.now() - start
  },

  /** Looks a core up and gets its first block. */
  async first(key: Uint8Array): Promise<Download> {
    const core = store.get({ key })
    await core.ready()
    return took(core.discoveryKey, async () => [await core.get(0)])
  },

  /** Looks a core up and reads its first blocks. */
  async download(key: Uint8Array, blocks: number): Promise<Download> {
    const core = store.get({ key })
    await core.ready()
    return took(core.discoveryKey, async () => {
      await core.download({ start: 0, end: blocks }).done()
      return blocksOf(core, blocks)
    })
  },

  /** Opens so many cores of one random block each. @returns their keys, and the SHA-256 of their blocks */
  async appendCores(count: number, size: number): Promise<{ keys: Uint8Array[]; hash: string }> {
    const hash = createHash('sha256')
    cores = Array.from({ length: count }, () => store.get({ name: randomBytes(8).toString('hex') }))
    for (const core of cores) {
      const block = randomBytes(size)
      hash.update(block)
      await core.append(block)
    }
    return { keys: cores.map(({ key }) => key), hash: hash.digest('hex') }
  },

  async openCores(keys: readonly Uint8Array[]): Promise<void> {
    cores = keys.map((key) => store.get({ key }))
    await Promise.all(cores.map((core) => core.ready()))
  },

  /** Looks up the topic of the first of the open cores, and gets the first block of each. */
  firstOfEach(): Promise<Download> {
    return took(cores[0]!.discoveryKey, () => Promise.all(cores.map((core) => core.get(0))))
  },

  connections: () => peer().connections,
  startProfile,
  stopProfile,

  /** Of this process, now. With `--expose-gc` after a collection. */
  usage() {
    globalThis.gc?.()
    return usage()
  },

  async close(): Promise<void> {
    await peer().close()
    await dht.destroy()
    await store.close()
  }
}

export type PeerHandlers = typeof handlers

/**
 * Each loads its own code alone, since memory is compared. A networker makes its swarm when the first topic is
 * configured; raw makes its own then too.
 */
async function load(contender: Contender, directory: string): Promise<() => SwarmPeer> {
  // tsx turns them on, and Node then keeps those of our packages, as it does in nobody's program.
  process.setSourceMapsEnabled(false)
  if (contender === 'ours') {
    const { ours } = await import('../contenders/ours/swarm-peer.js')
    const peer = ours(store, dht)
    return () => peer
  }
  if (contender === 'raw') {
    const { raw } = await import('../contenders/raw/swarm-peer.js')
    return () => raw(store, dht)
  }
  const { tcp } = await import('../contenders/tcp/swarm-peer.js')
  return () => tcp(store, directory)
}

function peer(): SwarmPeer {
  made ??= make()
  return made
}

/** Looks a topic up, and waits for blocks. The clock stops when they are here; they are hashed after that. */
async function took(
  topic: Uint8Array,
  blocks: () => Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>>
): Promise<Download> {
  const hash = createHash('sha256')
  let bytes = 0
  performance.now() // its first call loads it
  const { cpu } = usage()
  const start = performance.now()
  void peer().join(topic, LOOKUP)
  const all = await inTime(blocks())
  const ms = performance.now() - start
  const spent = usage().cpu - cpu
  for await (const block of all) {
    bytes += block.byteLength
    hash.update(block)
  }
  return { ms, cpu: spent, hash: hash.digest('hex'), bytes }
}

async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(
      `the blocks were not there after ${TIMEOUT} ms, with ${peer().connections} connections`
    )
    timer = setTimeout(() => reject(error), TIMEOUT)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}

/** One at a time: all at once may be more than memory takes. */
async function* blocksOf(core: Hypercore, count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield await core.get(index)
}

serve(handlers)
