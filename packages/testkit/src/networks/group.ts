import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { isNetworkerError, type LoadedCore, type Networker, NetworkerError } from '@basestore/networker'
import type { AllowedPairs } from './allowed-pairs.js'
import { checkWait, deadline, type WaitOptions } from './deadline.js'
import type { Pair } from './pair.js'
import { drawMap, listed, neighboursOf } from './peer-map.js'
import { untilPeers } from './peers-change.js'
import type { TestStore } from './store.js'
import { toIndex, toPair } from './topology.js'

/** One networker of a group. */
export interface TestPeer<Name extends string = string> {
  readonly name: Name
  readonly networker: Networker
  /** Its Corestore, in a temporary directory. */
  readonly store: TestStore
}

const groups = new WeakMap<Networker, Group>()
const owners = new WeakMap<LoadedCore, TestPeer>()

/** @returns the group that a networker was made with */
export function groupOf(networker: Networker): Group | undefined {
  return groups.get(networker)
}

/** @returns the peer whose store holds a core */
export function ownerOf(core: LoadedCore | null | undefined): TestPeer | undefined {
  return core ? owners.get(core) : undefined
}

/** Networkers that were made together, and the links between them. */
export class Group {
  readonly names: readonly string[]
  readonly peers: TestPeer[] = []
  readonly hasTopology: boolean
  readonly #allowed: AllowedPairs
  /** Networkers that can be dialled by their key. */
  readonly #reachable = new WeakSet<Networker>()

  constructor(names: readonly string[], allowed: AllowedPairs, hasTopology: boolean) {
    this.names = names
    this.#allowed = allowed
    this.hasTopology = hasTopology
  }

  /** Adds the networker of the next name. */
  add(networker: Networker, store: TestStore): void {
    const peer = shownWithoutStore({ name: this.names[this.peers.length]!, networker, store })
    this.peers.push(peer)
    this.#allowed.add(networker.keyPair.publicKey)
    groups.set(networker, this)
    store.watch?.((core) => owners.set(core, peer))
  }

  async connect(a: string, b: string, options: WaitOptions = {}): Promise<void> {
    checkWait(options)
    await this.link([toPair(this.names, a, b)], options)
  }

  async disconnect(a: string, b: string, options: WaitOptions = {}): Promise<void> {
    checkWait(options)
    const pair = toPair(this.names, a, b)
    const [one, other] = this.#networkers(pair)
    this.#allowed.allow(one.keyPair.publicKey, other.keyPair.publicKey, false)
    for (const stream of [...streamsTo(one, other), ...streamsTo(other, one)]) stream.destroy()
    const isGone = () => !hasPeer(one, other) && !hasPeer(other, one)
    await deadline(
      (signal) => untilPeers([one, other], isGone, signal),
      options,
      (timeout) => `after ${timeout} ms ${a} and ${b} are still connected.\n\n${this.map()}`
    )
  }

  /** Allows links, dials them, and waits until both sides of each have the other. */
  async link(pairs: readonly Pair[], options: WaitOptions): Promise<void> {
    const networkers = [...new Set(pairs.flatMap((pair) => this.#networkers(pair)))]
    const missing = () => pairs.filter((pair) => !this.#isLinked(pair))
    await deadline(
      async (signal) => {
        const remotes = new Set(pairs.map((pair) => this.#networkers(pair)[1]))
        await Promise.all(Array.from(remotes, (remote) => this.#makeReachable(remote, follow(signal))))
        await Promise.all(pairs.map((pair) => this.#dial(pair, follow(signal))))
        await untilPeers(networkers, () => missing().length === 0, signal)
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

  /** A DHT finds a key only once the key is announced. Flushing a topic tells when that is done. */
  async #makeReachable(networker: Networker, signal: AbortSignal): Promise<void> {
    if (this.#reachable.has(networker)) return
    const topic = randomBytes(32)
    await networker.configure(topic, { lookup: false, signal })
    await networker.configure(topic, { announce: false, lookup: false, signal })
    this.#reachable.add(networker)
  }

  async #dial(pair: Pair, signal: AbortSignal): Promise<void> {
    const [one, other] = this.#networkers(pair)
    this.#allowed.allow(one.keyPair.publicKey, other.keyPair.publicKey, true)
    try {
      await one.connect(other.keyPair.publicKey, { signal })
    } catch (cause) {
      await new Promise((resolve) => setImmediate(resolve)) // only then has a refused peer gone from the map
      throw this.#linkError(pair, cause)
    }
  }

  #linkError(pair: Pair, cause: unknown): NetworkerError {
    const [a, b] = pair.map((index) => this.names[index])
    const code = isNetworkerError(cause) ? cause.code : 'CONNECT_FAILED'
    const why = cause instanceof Error ? cause.message : String(cause)
    return new NetworkerError(code, `no link from ${a} to ${b}: ${why}\n\n${this.map()}`, { cause })
  }

  #networkers([a, b]: Pair): [Networker, Networker] {
    return [this.peers[a]!.networker, this.peers[b]!.networker]
  }

  #isLinked(pair: Pair): boolean {
    const [one, other] = this.#networkers(pair)
    return hasPeer(one, other) && hasPeer(other, one)
  }
}

/** Shows a peer without its store in logs and JSON: the store's primary key makes all of its secret keys. */
function shownWithoutStore(peer: TestPeer): TestPeer {
  const shown = { name: peer.name, networker: peer.networker }
  return Object.defineProperties(peer, {
    toJSON: { value: () => shown },
    [inspect.custom]: { value: (_: number, options: object) => inspect(shown, options) }
  })
}

/** A signal of its own for each caller: Node.js warns when one signal has more than ten listeners. */
function follow(signal: AbortSignal): AbortSignal {
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
