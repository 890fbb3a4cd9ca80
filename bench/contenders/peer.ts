// A peer in a process of its own, which does what it is asked to: ours, or raw.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import Corestore from 'corestore'
import HyperDHT from 'hyperdht'
import { serve, usage } from '../src/serve.js'
import { ours } from './ours.js'
import { raw } from './raw.js'
import type { SwarmPeer } from './swarm-peer.js'

export interface OpenOptions {
  readonly contender: 'ours' | 'raw'
  readonly bootstrap: readonly { host: string; port: number }[]
  /** Where it makes a folder for its store. */
  readonly directory: string
}

let store: Corestore
let dht: HyperDHT
let peer: SwarmPeer

const handlers = {
  /** Opens the store and enters the DHT. Nothing is joined. */
  async open({ contender, bootstrap, directory }: OpenOptions): Promise<void> {
    store = new Corestore(await mkdtemp(join(directory, `${contender}-`)))
    await store.ready()
    dht = new HyperDHT({ bootstrap: [...bootstrap], host: bootstrap[0]!.host })
    await dht.fullyBootstrapped()
    peer = contender === 'ours' ? ours(store, dht) : raw(store, dht)
  },

  /** Fills a core with random blocks. @returns its key, and the SHA-256 of all blocks in their order */
  async append(blocks: number, size: number): Promise<{ key: Uint8Array; hash: string }> {
    const core = store.get({ name: randomBytes(8).toString('hex') })
    const hash = createHash('sha256')
    for (let left = blocks; left > 0; left--) {
      const block = randomBytes(size)
      hash.update(block)
      await core.append(block)
    }
    return { key: core.key!, hash: hash.digest('hex') }
  },

  /** Joins the topic of a core. @returns how long that took, in ms */
  async join(key: Uint8Array, options: Parameters<SwarmPeer['join']>[1]): Promise<number> {
    const core = store.get({ key })
    await core.ready()
    const start = performance.now()
    await peer.join(core.discoveryKey!, options)
    return performance.now() - start
  },

  /**
   * Looks a core up and reads its first blocks.
   *
   * @returns ms from the join to the last block, the SHA-256 of them all, and how many bytes they have
   */
  async download(key: Uint8Array, blocks: number): Promise<{ ms: number; hash: string; bytes: number }> {
    const core = store.get({ key })
    await core.ready()
    const hash = createHash('sha256')
    let bytes = 0
    const start = performance.now()
    void peer.join(core.discoveryKey!, { announce: false, lookup: true, flush: false })
    const range = core.download({ start: 0, end: blocks })
    await range.done()
    const ms = performance.now() - start
    for (let index = 0; index < blocks; index++) {
      const block = (await core.get(index)) as Buffer
      bytes += block.byteLength
      hash.update(block)
    }
    return { ms, hash: hash.digest('hex'), bytes }
  },

  connections: () => peer.connections,

  /** Of this process, now. With `--expose-gc` after a collection. */
  usage() {
    globalThis.gc?.()
    return usage()
  },

  async close(): Promise<void> {
    await peer.close()
    await dht.destroy()
    await store.close()
  }
}

export type PeerHandlers = typeof handlers

serve(handlers)
