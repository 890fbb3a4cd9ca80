import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Networker, type NetworkerOptions, type Transport } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import Corestore from 'corestore'
import type { TestStore } from './store.js'

type TestNetworkerOptions = Omit<NetworkerOptions, 'transports'>

export interface CreateNetworkersOptions {
  /**
   * The seed of the memory network, unless `network` is given.
   * @default 0
   */
  readonly seed?: number | string
  /** The memory network that they share. @default a new one */
  readonly network?: MemoryNetwork
  /** Options of each networker but for its transports, or a function of its index that gives them. */
  readonly networker?: TestNetworkerOptions | ((index: number) => TestNetworkerOptions)
  /** The transports of a networker, given its index. @default one on the memory network */
  readonly transports?: (index: number) => readonly Transport[]
}

/** As many as the count says, where it is a literal: `const [a, b] = networkers`. */
export type Several<T, N extends number, Items extends T[] = []> = number extends N
  ? T[]
  : Items['length'] extends N
    ? Items
    : Several<T, N, [...Items, T]>

export interface Networkers<N extends number = number> {
  readonly networkers: Several<Networker, N>
  /** The store of each networker, in the same order. */
  readonly stores: Several<TestStore, N>
  readonly network: MemoryNetwork
  /** Closes the networkers, then the stores, and removes their directories. Safe to call twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes networkers that can find each other, each with a Corestore in a temporary directory of its own. They are
 * on one memory network unless `transports` says otherwise, and join nothing by themselves.
 *
 * @param count how many
 */
export async function createNetworkers<N extends number>(
  count: N,
  options: CreateNetworkersOptions = {}
): Promise<Networkers<N>> {
  const { seed = 0, network = new MemoryNetwork({ seed }) } = options
  const { networker = {}, transports = () => [network.transport()] } = options
  const networkers: Networker[] = []
  const stores: TestStore[] = []
  const directory = await mkdtemp(join(tmpdir(), 'basestore-'))
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeAll(networkers, stores, directory)
    return closing
  }

  try {
    for (let index = 0; index < count; index++) {
      const store: TestStore = new Corestore(join(directory, String(index)))
      stores.push(store)
      const own = typeof networker === 'function' ? networker(index) : networker
      networkers.push(new Networker(store, { ...own, transports: transports(index) }))
    }
    await Promise.all(stores.map((store) => store.ready()))
  } catch (error) {
    await Promise.allSettled([close()]) // why it failed matters more than what that left behind
    throw error
  }
  return {
    networkers: networkers as Several<Networker, N>,
    stores: stores as Several<TestStore, N>,
    network,
    close,
    [Symbol.asyncDispose]: close
  }
}

/** Each step is tried, whatever the ones before it did; then the first failure is told. */
async function closeAll(networkers: Networker[], stores: TestStore[], directory: string): Promise<void> {
  const outcomes = await Promise.allSettled(networkers.map((networker) => networker.close()))
  outcomes.push(...(await Promise.allSettled(stores.map((store) => store.close()))))
  outcomes.push(...(await Promise.allSettled([rm(directory, { recursive: true, force: true })])))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
