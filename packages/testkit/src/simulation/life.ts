import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Networker, type NetworkerOptions } from '@basestore/networker'
import type { MemoryDisk } from '@basestore/storage-memory'
import type { Host } from '@basestore/transport-memory'
import Corestore from 'corestore'
import type { TestStore } from '../networks/store.js'
import { Ending } from './ending.js'
import { keyPairOf } from './key-pair.js'
import type { PeerContext } from './peer-context.js'
import { waitForRocks } from './rocks.js'

/** A peer between a start and the next crash or leave: its open store and networker. */
export class Life {
  readonly host: Host
  readonly store: TestStore
  readonly networker: Networker
  readonly #forget: () => void
  /** Ends with this life. */
  readonly ending = new Ending()

  /** @param number how many lives the peer has had, with this one: each is another run of its program */
  constructor(
    name: string,
    number: number,
    context: PeerContext,
    { host, disk, options }: { host: Host; disk: MemoryDisk; options: NetworkerLike | undefined }
  ) {
    const { storage, clock, seed, network } = context
    const primaryKey = digest(`${seed}/${name}/store`)
    const place = storage === 'memory' ? disk.open() : placeOf(name, context)
    this.host = host
    // allowBackup: otherwise the store compares its files with their real times, which are not those of the clock.
    this.store = new Corestore(place, { primaryKey, unsafe: true, allowBackup: true })
    this.#forget = storage === 'rocksdb' ? waitForRocks(this.store, clock) : () => {}
    this.networker = new Networker(this.store, {
      ...options,
      id: digest(`${seed}/${name}/id/${number}`),
      keyPair: keyPairOf(digest(`${seed}/${name}/key`)),
      transports: [network.transport(host)]
    })
  }

  /** Says goodbye to the other peers, and closes. */
  async close(): Promise<void> {
    try {
      await this.networker.close()
      await this.store.close()
    } finally {
      this.#forget()
    }
  }

  /** Closes without a goodbye, after a crash: nobody can hear it, and a goodbye would wait for an answer. */
  async destroy(): Promise<void> {
    for (const stream of this.networker.streams) stream.destroy()
    await this.close()
  }
}

export type NetworkerLike = Omit<NetworkerOptions, 'transports' | 'keyPair' | 'id'>

/** The folder of a peer's RocksDB. */
export function placeOf(name: string, { directory }: PeerContext): string {
  return join(directory!, `peer-${encodeURIComponent(name)}`)
}

/** 32 bytes that follow from a text. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
