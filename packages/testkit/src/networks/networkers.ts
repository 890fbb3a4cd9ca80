import { join } from 'node:path'
import { Networker, NetworkerError, type NetworkerOptions, type Transport } from '@basestore/networker'
import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { MemoryNetwork } from '@basestore/transport-memory'
import Corestore from 'corestore'
import { AllowedPairs } from './allowed-pairs.js'
import { WAIT, type WaitOptions } from './deadline.js'
import { Group, type TestPeer } from './group.js'
import { type Each, type GivenName, type NameOf, type PeerNames, toNames } from './names.js'
import type { TestStore } from './store.js'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './temporary-directory.js'
import { type Topology, toPairs } from './topology.js'

type TestNetworkerOptions = Omit<NetworkerOptions, 'transports'>

/** `timeout` and `signal` bound the wait for the links of the topology. */
export interface CreateNetworkersOptions<Name extends string = string> extends WaitOptions {
  /**
   * Which peers are connected. They are connected once `createNetworkers` resolves. No others ever are, whatever
   * topics the networkers configure.
   * @default peers are connected as they find each other by topics
   */
  readonly topology?: Topology<Name>
  /**
   * The seed of a random topology, and of the memory network unless `network` is given.
   * @default 0
   */
  readonly seed?: number | string
  /** The memory network that the networkers share. @default a new one */
  readonly network?: MemoryNetwork
  /** Options of each networker but for its transports, or a function of its index and name that returns them. */
  readonly networker?: TestNetworkerOptions | ((index: number, name: Name) => TestNetworkerOptions)
  /** Returns the transports of a networker, by its index and name. @default one on the memory network */
  readonly transports?: (index: number, name: Name) => readonly Transport[]
}

const OPTIONS: OptionKinds<CreateNetworkersOptions> = {
  ...WAIT,
  topology: 'any',
  seed: 'any',
  network: 'object',
  networker: 'any',
  transports: 'function'
}

/** A group of networkers, as {@link createNetworkers} makes it. Its functions may be taken out of it. */
export interface Networkers<P extends PeerNames = number> {
  /** By name: `group.peers.alice.networker`, `group.peers.alice.store`. */
  readonly peers: { readonly [Name in NameOf<P>]: TestPeer<Name> }
  readonly names: Each<NameOf<P>, P>
  /** In the order of the names. */
  readonly networkers: Each<Networker, P>
  /** In the order of the names. */
  readonly stores: Each<TestStore, P>
  readonly network: MemoryNetwork
  /**
   * Links two peers, also where the topology does not. Resolves once each has the other.
   *
   * @throws NetworkerError `TIMEOUT`, or the code of the networker's own error, such as `CONNECT_FAILED`. The message
   * shows who is connected to whom. An abort rejects with the signal's reason.
   */
  connect(a: NameOf<P>, b: NameOf<P>, options?: WaitOptions): Promise<void>
  /**
   * Cuts the link between two peers as a broken network would: frames on their way are lost. Resolves once neither has
   * the other any more. No topic connects the two again; only `connect` does.
   *
   * @throws NetworkerError `TIMEOUT`
   */
  disconnect(a: NameOf<P>, b: NameOf<P>, options?: WaitOptions): Promise<void>
  /** The peers that a peer is connected to now: names in their order, then strangers by the beginning of their key. */
  neighbours(name: NameOf<P>): string[]
  /** A drawing of who is connected to whom now, a line for each peer. Failure messages contain it. */
  map(): string
  /** Closes the networkers, then the stores, and removes their directories. May be called twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes networkers that can find each other, each with a Corestore in a temporary directory of its own. Unless
 * `transports` says otherwise, they share a memory network. None of them joins a topic by itself. Directories that
 * `close()` has not removed go when the process ends.
 *
 * @param peers how many, which are then called `a`, `b`, `c` and so on, or their names
 * @throws NetworkerError `INVALID_OPTION`. `TIMEOUT`, or the networker's own code, when a link of the topology fails
 */
export async function createNetworkers<const P extends PeerNames>(
  peers: P,
  options: CreateNetworkersOptions<GivenName<P>> = {}
): Promise<Networkers<P>> {
  checkOptions<CreateNetworkersOptions>(options, OPTIONS, { what: 'the options of createNetworkers()' })
  const { topology, seed, network = new MemoryNetwork({ seed: seed ?? 0 }) } = options
  const names = toNames(peers) as readonly GivenName<P>[]
  const pairs = topology === undefined ? [] : toPairs(topology, names, seed ?? network.seed)
  const allowed = new AllowedPairs(topology === undefined)
  const group = new Group(names, allowed, topology !== undefined)
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
      const { networker = {}, transports = () => [network.transport()] } = options
      const own = ownOptions(typeof networker === 'function' ? networker(index, name) : networker)
      const ways = transports(index, name)
      group.add(new Networker(store, { ...own, transports: ways }), store)
      for (const transport of ways) allowed.restrict(transport)
    }
    await Promise.all(stores.map((store) => store.ready()))
    await group.link(pairs, options)
  } catch (error) {
    await Promise.allSettled([close()]) // its own errors matter less than the first one
    throw error
  }
  return toNetworkers(group, stores, network, close) as unknown as Networkers<P>
}

/** The networker checks the others. @throws NetworkerError `INVALID_OPTION` for transports, which would be ignored */
function ownOptions(options: TestNetworkerOptions): TestNetworkerOptions {
  if (typeof options === 'object' && options !== null && !('transports' in options)) return options
  const detail =
    'networker must be options of a networker but for transports, which are an option of their own'
  throw new NetworkerError('INVALID_OPTION', detail)
}

function toNetworkers(
  group: Group,
  stores: TestStore[],
  network: MemoryNetwork,
  close: () => Promise<void>
): Networkers {
  return {
    peers: Object.fromEntries(group.peers.map((peer) => [peer.name, peer])),
    names: [...group.names],
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
}

/** Takes every step, also after one failed, and then throws the first error. */
async function closeAll(group: Group, stores: readonly TestStore[], directory: string): Promise<void> {
  const results = await Promise.allSettled(group.peers.map(({ networker }) => networker.close()))
  results.push(...(await Promise.allSettled(stores.map((store) => store.close()))))
  results.push(...(await Promise.allSettled([removeTemporaryDirectory(directory)])))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
