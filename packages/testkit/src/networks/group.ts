import { randomBytes } from 'node:crypto'
import type { LoadedCore, Networker } from '@basestore/networker'
import { deadline, type WaitOptions } from './deadline.js'
import type { Links } from './links.js'
import { drawMap, listed, neighboursOf } from './peer-map.js'
import { untilPeers } from './peers-change.js'
import type { TestStore } from './store.js'
import { type Pair, toIndex, toPair } from './topology.js'

/** One networker of a group. */
export interface TestPeer<Name extends string = string> {
  readonly name: Name
  readonly networker: Networker
  /** Its Corestore, in a temporary directory. */
  readonly store: TestStore
}

const groups = new WeakMap<Networker, Group>()
const owners = new WeakMap<LoadedCore, TestPeer>()

/** The group that a networker was made with. */
export function groupOf(networker: Networker): Group | undefined {
  return groups.get(networker)
}

/** The peer in whose store a core is. */
export function ownerOf(core: LoadedCore | null | undefined): TestPeer | undefined {
  return core ? owners.get(core) : undefined
}

/** Networkers that were made together, and the links between them. */
export class Group {
  readonly names: readonly string[]
  readonly peers: TestPeer[] = []
  /** Whether somebody said who is to be connected to whom. */
  readonly hasTopology: boolean
  readonly #links: Links
  readonly #reachable = new WeakSet<Networker>()

  constructor(names: readonly string[], links: Links, hasTopology: boolean) {
    this.names = names
    this.#links = links
    this.hasTopology = hasTopology
  }

  /** In the order of the names. */
  add(networker: Networker, store: TestStore): void {
    const peer = { name: this.names[this.peers.length]!, networker, store }
    this.peers.push(peer)
    this.#links.add(networker.keyPair.publicKey)
    groups.set(networker, this)
    store.watch?.((core) => owners.set(core, peer))
  }

  async connect(a: string, b: string, options: WaitOptions = {}): Promise<void> {
    await this.link([toPair(this.names, a, b)], options)
  }

  async disconnect(a: string, b: string, options: WaitOptions = {}): Promise<void> {
    const pair = toPair(this.names, a, b)
    const [one, other] = this.#networkers(pair)
    this.#links.allow(one.keyPair.publicKey, other.keyPair.publicKey, false)
    for (const stream of [...streamsTo(one, other), ...streamsTo(other, one)]) stream.destroy()
    const gone = () => !hasPeer(one, other) && !hasPeer(other, one)
    await deadline(
      (over) => untilPeers([one, other], gone, over),
      options,
      (timeout) => `${a} and ${b} are still connected after ${timeout} ms.\n\n${this.map()}`
    )
  }

  /** Allows links, dials them, and waits until both sides of each have the other. */
  async link(pairs: readonly Pair[], options: WaitOptions): Promise<void> {
    const networkers = [...new Set(pairs.flatMap((pair) => this.#networkers(pair)))]
    const missing = () => pairs.filter((pair) => !this.#isLinked(pair))
    await deadline(
      async (over) => {
        const remotes = new Set(pairs.map((pair) => this.#networkers(pair)[1]))
        await Promise.all(Array.from(remotes, (remote) => this.#makeReachable(remote, each(over))))
        await Promise.all(pairs.map((pair) => this.#dial(pair, each(over))))
        await untilPeers(networkers, () => missing().length === 0, over)
      },
      options,
      (timeout) => {
        const links = missing().map(([a, b]) => `${this.names[a]} -- ${this.names[b]}`)
        return `after ${timeout} ms there is no ${listed(links)}.\n\n${this.map()}\n\nCheck firewall and maxPeers.`
      }
    )
  }

  neighbours(name: string): string[] {
    return neighboursOf(this.peers[toIndex(this.names, name)]!, this.peers)
  }

  map(): string {
    return drawMap(this.peers)
  }

  /** Over a DHT a key can be dialled only once it is announced: a topic's flush tells when. */
  async #makeReachable(networker: Networker, signal: AbortSignal): Promise<void> {
    if (this.#reachable.has(networker)) return
    const topic = randomBytes(32)
    await networker.configure(topic, { lookup: false, signal })
    await networker.configure(topic, { announce: false, lookup: false, signal })
    this.#reachable.add(networker)
  }

  async #dial(pair: Pair, signal: AbortSignal): Promise<void> {
    const [one, other] = this.#networkers(pair)
    this.#links.allow(one.keyPair.publicKey, other.keyPair.publicKey, true)
    try {
      await one.connect(other.keyPair.publicKey, { signal })
    } catch (cause) {
      await new Promise((resolve) => setImmediate(resolve)) // a peer that is refused goes as late
      const [a, b] = pair.map((index) => this.names[index])
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`${a} could not be linked to ${b}: ${why}\n\n${this.map()}`, { cause })
    }
  }

  #networkers([a, b]: Pair): [Networker, Networker] {
    return [this.peers[a]!.networker, this.peers[b]!.networker]
  }

  #isLinked(pair: Pair): boolean {
    const [one, other] = this.#networkers(pair)
    return hasPeer(one, other) && hasPeer(other, one)
  }
}

/** A signal for each who listens, for Node warns of eleven listeners on one. */
function each(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal])
}

function hasPeer(networker: Networker, remote: Networker): boolean {
  const { publicKey } = remote.keyPair
  return [...networker.peers].some(({ remotePublicKey }) => remotePublicKey.equals(publicKey))
}

function streamsTo(networker: Networker, remote: Networker) {
  const key = Buffer.from(remote.keyPair.publicKey)
  return [...networker.streams].filter(({ remotePublicKey }) => key.equals(remotePublicKey))
}
