import { createHash, randomBytes } from 'node:crypto'
import Corestore from 'corestore'
import { BLOCK_SIZE } from '../src/manifest.js'
import { type Network, openNetwork } from '../src/network.js'

export interface SharerOptions {
  /** The DHT, `host:port`. */
  readonly bootstrap: string
  /** The directory of its store. */
  readonly path: string
  /** 32 bytes. Two sharers with the same one serve the same blocks under the same key. @default random bytes */
  readonly primaryKey?: Buffer
}

export interface ServeOptions {
  /** The index of a block that the sharer lost. A fetch gets as far as this block, and then waits. */
  readonly lost?: number
}

/** Serves cores of any blocks from this process. A program other than share-file could do the same. */
export class Sharer implements AsyncDisposable {
  readonly #store: Corestore
  readonly #network: Network
  #cores = 0

  constructor({ bootstrap, path, primaryKey = randomBytes(32) }: SharerOptions) {
    this.#store = new Corestore(path, { primaryKey, unsafe: true })
    this.#network = openNetwork(this.#store, [bootstrap])
  }

  /** Serves a core that holds these blocks. Returns its key once it is announced. */
  async serve(blocks: readonly (string | Buffer)[], { lost }: ServeOptions = {}): Promise<string> {
    const core = this.#store.get({ name: String(this.#cores++) })
    await core.append([...blocks])
    if (lost !== undefined) await core.clear(lost)
    // Without a lookup: its flush would wait for fetchers that were killed.
    await this.#network.networker.configure(core.discoveryKey, { lookup: false })
    return core.id
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network.close()
    await this.#store.close()
  }
}

/** The blocks of a core that holds a file, from its content. */
export function blocksOf(content: Buffer): (string | Buffer)[] {
  const blocks: Buffer[] = []
  for (let start = 0; start < content.byteLength; start += BLOCK_SIZE) {
    blocks.push(content.subarray(start, start + BLOCK_SIZE))
  }
  return [manifest({ size: content.byteLength }), ...blocks, createHash('sha256').update(content).digest()]
}

/** A manifest with some fields changed. */
export function manifest(fields: Record<string, unknown>): string {
  return JSON.stringify({ version: 1, name: 'name', size: 4, blockSize: BLOCK_SIZE, ...fields })
}
