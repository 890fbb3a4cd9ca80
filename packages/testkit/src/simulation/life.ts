import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Networker, type NetworkerOptions } from '@basestore/networker'
import type { MemoryDisk } from '@basestore/storage-memory'
import type { Host } from '@basestore/transport-memory'
import Corestore from 'corestore'
import type { TestStore } from '../networks/store.js'
import { Ending } from './ending.js'
import { keyPairOf } from './key-pair.js'
import { waitForRocks } from './rocks.js'
import type { World } from './world.js'

/** One life of a peer, from a start to the next crash or leave: what a process has open. */
export class Life {
  readonly host: Host
  readonly store: TestStore
  readonly networker: Networker
  readonly #forget: () => void
  /** Ends with it. */
  readonly ending = new Ending()

  constructor(name: string, world: World, host: Host, disk: MemoryDisk, options: NetworkerLike = {}) {
    const { storage, clock, seed, network } = world
    const primaryKey = digest(`${seed}/${name}/store`)
    const place = storage === 'memory' ? disk.open() : placeOf(name, world)
    this.host = host
    // As a backup, since a store otherwise looks at the real times of its files, which are not those of its clock.
    this.store = new Corestore(place, { primaryKey, unsafe: true, allowBackup: true })
    this.#forget = storage === 'rocksdb' ? waitForRocks(this.store, clock) : () => {}
    this.networker = new Networker(this.store, {
      ...options,
      id: digest(`${seed}/${name}/id`),
      keyPair: keyPairOf(digest(`${seed}/${name}/key`)),
      transports: [network.transport(host)]
    })
  }

  /** Takes leave of the others, who are told. */
  async close(): Promise<void> {
    try {
      await this.networker.close()
      await this.store.close()
    } finally {
      this.#forget()
    }
  }

  /** Gives back what it has, once nobody can hear it. */
  async bury(): Promise<void> {
    for (const stream of this.networker.streams) stream.destroy() // who says goodbye waits for an answer
    await this.close()
  }
}

export type NetworkerLike = Omit<NetworkerOptions, 'transports' | 'keyPair' | 'id'>

/** Where a peer's RocksDB is. */
export function placeOf(name: string, { directory }: World): string {
  return join(directory!, `peer-${encodeURIComponent(name)}`)
}

/** 32 bytes that follow from a text. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
