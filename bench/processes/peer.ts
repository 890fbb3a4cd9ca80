// A process that fills, announces, looks up and reads cores, as it is told: ours, raw, or Corestore over a TCP socket.
import { createHash, randomBytes } from 'node:crypto'
import Corestore from 'corestore'
import type Hypercore from 'hypercore'
import type HyperDHT from 'hyperdht'
import type { JoinOptions, OpenOptions, SwarmPeer } from '../contenders/swarm-peer.js'
import { enterDht } from '../harness/dht.js'
import { newFolder } from '../harness/open-store.js'
import { startProfile, stopProfile } from '../harness/profile.js'
import { serve, usage } from '../harness/serve.js'

type Contender = 'ours' | 'raw' | 'tcp' | '1.x'

/** The costs of reading cores, and what was read. */
export interface Download {
  /** Time from the join to the last block. */
  readonly ms: number
  /** CPU time of this process meanwhile (s). */
  readonly cpu: number
  /** The SHA-256 of all blocks in their order, in hex. */
  readonly hash: string
  readonly bytes: number
}

/** Blocks that are appended at once. */
const BATCH = 64
/** Longest time that a read may take (ms), so that a run that moves nothing fails. */
const TIMEOUT = 120_000
const LOOKUP = { announce: false, lookup: true, flush: false }

let store: Corestore
let dht: HyperDHT
/** Made at the first join. */
let made: SwarmPeer | undefined
let make: () => SwarmPeer
let cores: Hypercore[] = []

const handlers = {
  /** Opens the store and enters the DHT. Nothing is joined. @returns the store's folder */
  async open({ contender, bootstrap, directory }: OpenOptions<Contender>): Promise<string> {
    const folder = await newFolder(directory, contender)
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

  /** Joins the topic of a core. @returns the time that it took (ms) */
  async join(key: Uint8Array, options: JoinOptions): Promise<number> {
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

  /** CPU time and memory of this process. With `--expose-gc` it collects garbage first. */
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
 * Loads the code of one contender alone, since memory is compared. A networker makes its swarm when the first topic is
 * configured, so raw makes its swarm at the first join, too.
 */
async function load(contender: Contender, directory: string): Promise<() => SwarmPeer> {
  // tsx turns source maps on. Node would then hold those of our packages in memory, which it does in no user's program.
  process.setSourceMapsEnabled(false)
  if (contender === 'ours') {
    const { ourPeer } = await import('../contenders/ours/swarm-peer.js')
    const peer = ourPeer(store, dht)
    return () => peer
  }
  if (contender === 'raw') {
    const { rawPeer } = await import('../contenders/raw/swarm-peer.js')
    return () => rawPeer(store, dht)
  }
  const { tcpPeer } = await import('../contenders/tcp/swarm-peer.js')
  return () => tcpPeer(store, directory)
}

function peer(): SwarmPeer {
  made ??= make()
  return made
}

/** Looks a topic up, and waits for blocks. The clock stops when the blocks are here; they are hashed afterwards. */
async function took(
  topic: Uint8Array,
  blocks: () => Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>>
): Promise<Download> {
  const hash = createHash('sha256')
  let bytes = 0
  performance.now() // the first call loads the clock
  const { cpu } = usage()
  const start = performance.now()
  void peer().join(topic, LOOKUP)
  const all = await within(TIMEOUT, blocks())
  const ms = performance.now() - start
  const spent = usage().cpu - cpu
  for await (const block of all) {
    bytes += block.byteLength
    hash.update(block)
  }
  return { ms, cpu: spent, hash: hash.digest('hex'), bytes }
}

async function within<T>(timeout: number, reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(
      `the blocks were not there after ${timeout} ms, with ${peer().connections} connections`
    )
    timer = setTimeout(() => reject(error), timeout)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}

/** Reads blocks one at a time, since all at once may not fit into memory. */
async function* blocksOf(core: Hypercore, count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield await core.get(index)
}

serve(handlers)
