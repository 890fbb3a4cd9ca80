import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { type StartChild, withChildren } from './child.js'

/** A folder, a DHT and processes, for the time of one question. */
export interface Scratch {
  /** A new folder, for stores. */
  readonly directory: string
  /** A DHT of ten nodes in this process, on loopback. */
  readonly testnet: Testnet
  readonly start: StartChild
}

/** Runs `use`. The folder, the DHT and the processes are gone when this resolves or rejects. */
export async function withScratch<T>(use: (scratch: Scratch) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'basestore-bench-'))
  const testnet = await createTestnet()
  try {
    return await withChildren((start) => use({ directory, testnet, start }))
  } finally {
    await testnet.destroy()
    await rm(directory, { recursive: true })
  }
}
