import { join } from 'node:path'
import { Networker, type NetworkerOptions, type Transport } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import Corestore from 'corestore'
import type { WaitOptions } from './deadline.js'
import { Group, type TestPeer } from './group.js'
import { Links } from './links.js'
import { type Each, type GivenName, type NameOf, type Peers, toNames } from './names.js'
import type { TestStore } from './store.js'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './temporary-directory.js'
import { type Topology, toPairs } from './topology.js'

type TestNetworkerOptions = Omit<NetworkerOptions, 'transports'>

/** `timeout` and `signal` bound the time until the links of the topology are there. */
export interface CreateNetworkersOptions<Name extends string = string> extends WaitOptions {
  /**
   * Who is connected to whom. They are when `createNetworkers` resolves, and nobody else ever is, whatever topics
   * the networkers configure.
   * @default whoever finds each other by a topic
   */
  readonly topology?: Topology<Name>
  /**
   * The seed of a random topology, and of the memory network unless `network` is given.
   * @default 0
   */
  readonly seed?: number | string
  /** The memory network that they share. @default a new one */
  readonly network?: MemoryNetwork
  /** Options of each networker but for its transports, or a function of its index and name that gives them. */
  readonly networker?: TestNetworkerOptions | ((index: number, name: Name) => TestNetworkerOptions)
  /** The transports of a networker, given its index and name. @default one on the memory network */
  readonly transports?: (index: number, name: Name) => readonly Transport[]
}

/** What {@link createNetworkers} made. Its functions may be taken out of it. */
export interface Networkers<P extends Peers = number> {
  /** By name: `group.peers.alice.networker`, `group.peers.alice.store`. */
  readonly peers: { readonly [Name in NameOf<P>]: TestPeer<Name> }
  readonly names: Each<NameOf<P>, P>
  /** In the order of the names, as all that follow. */
  readonly networkers: Each<Networker, P>
  readonly stores: Each<TestStore, P>
  readonly network: MemoryNetwork
  /**
   * Links two peers, also where the topology does not, and resolves when each has the other.
   *
   * @throws Error that shows who is connected to whom, when one refuses or that takes longer than the timeout. An
   * abort rejects with the signal's reason.
   */
  connect(a: NameOf<P>, b: NameOf<P>, options?: WaitOptions): Promise<void>
  /**
   * Cuts the link between two peers as a network would: what is on its way is lost. Resolves when neither has the
   * other any more. They are not connected again, by topics neither, until `connect` links them.
   */
  disconnect(a: NameOf<P>, b: NameOf<P>, options?: WaitOptions): Promise<void>
  /** Whom a peer is connected to now, in the order of the names; others by the beginning of their key. */
  neighbours(name: NameOf<P>): string[]
  /** A drawing of who is connected to whom now, a line for each, as failure messages have it. */
  map(): string
  /** Closes the networkers, then the stores, and removes their directories. Safe to call twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes networkers that can find each other, each with a Corestore in a temporary directory of its own. They are
 * on one memory network unless `transports` says otherwise, and join no topic by themselves. What `close()` did
 * not remove goes when the process exits.
 *
 * @param peers how many, which are then called `a`, `b`, `c` and so on, or their names
 * @throws NetworkerError `INVALID_OPTION`; Error when a link of the topology does not come about
 */
export async function createNetworkers<const P extends Peers>(
  peers: P,
  options: CreateNetworkersOptions<GivenName<P>> = {}
): Promise<Networkers<P>> {
  const { topology, network = new MemoryNetwork({ seed: options.seed ?? 0 }) } = options
  const { networker = {}, transports = () => [network.transport()] } = options
  const names = toNames(peers) as readonly GivenName<P>[]
  const pairs = topology === undefined ? [] : toPairs(topology, names, options.seed ?? network.seed)
  const links = new Links(topology === undefined)
  const group = new Group(names, links, topology !== undefined)
  const stores: TestStore[] = []
  const directory = await makeTemporaryDirectory()
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeAll(group, stores, directory)
    return closing
  }

  try {
    for (const [index, name] of names.entries()) {
      const store: TestStore = new Corestore(join(directory, String(index)))
      stores.push(store)
      const own = typeof networker === 'function' ? networker(index, name) : networker
      const ways = transports(index, name)
      group.add(new Networker(store, { ...own, transports: ways }), store)
      for (const transport of ways) links.restrict(transport)
    }
    await Promise.all(stores.map((store) => store.ready()))
    await group.link(pairs, options)
  } catch (error) {
    await Promise.allSettled([close()]) // why it failed matters more than what that left behind
    throw error
  }
  const made: Networkers = {
    peers: Object.fromEntries(group.peers.map((peer) => [peer.name, peer])),
    names: [...names],
    networkers: group.peers.map((peer) => peer.networker),
    stores,
    network,
    connect: (a, b, wait) => group.connect(a, b, wait),
    disconnect: (a, b, wait) => group.disconnect(a, b, wait),
    neighbours: (name) => group.neighbours(name),
    map: () => group.map(),
    close,
    [Symbol.asyncDispose]: close
  }
  return made as unknown as Networkers<P>
}

/** Each step is tried, whatever the ones before it did; then the first failure is told. */
async function closeAll(group: Group, stores: readonly TestStore[], directory: string): Promise<void> {
  const outcomes = await Promise.allSettled(group.peers.map(({ networker }) => networker.close()))
  outcomes.push(...(await Promise.allSettled(stores.map((store) => store.close()))))
  outcomes.push(...(await Promise.allSettled([removeTemporaryDirectory(directory)])))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
