import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { type StartChild, withChildren } from './child.js'

/** What a question that starts processes works with: all of it is gone afterwards. */
export interface Scratch {
  /** An empty folder. */
  readonly directory: string
  /** Ten nodes in this process, on loopback. */
  readonly testnet: Testnet
  readonly start: StartChild
}

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
