import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Bound, within } from './bound.js'
import type { ConformanceCase, Need } from './case.js'
import type { FixtureNetwork, NetworkFaults, TransportFixture } from './fixture.js'
import { HandleWatch } from './handle-watch.js'
import { ANNOUNCE, Peer, type Peers } from './peer.js'
import type { RecordedConnection } from './recorded-connection.js'
import type { RecordingHostOptions } from './recording-host.js'

/** Unless the fixture says otherwise, in milliseconds. */
export const DEFAULT_TIMEOUT = 10_000
/** The share of a case's time that each step of its tear-down may take. */
const TEAR_DOWN = 1 / 4
/** Turns of the event loop after which what was closed has let go of its handle. */
const TURNS = 8

/** Why a case does not apply. */
export class Skip extends Error {}

/** Two peers, and both ends of one connection between them. */
export interface Pair {
  readonly a: Peer
  readonly b: Peer
  /** A's end. */
  readonly near: RecordedConnection
  /** B's end. */
  readonly far: RecordedConnection
}

/** What a case works with: peers and networks of its own, and waits that end with it. */
export class CaseContext {
  readonly fixture: TransportFixture
  readonly bound: Bound
  readonly #needs: readonly Need[]
  readonly #peers: Peer[] = []
  readonly #networks: FixtureNetwork[] = []
  readonly #endings: (() => unknown)[] = []

  constructor(fixture: TransportFixture, { needs }: ConformanceCase) {
    this.fixture = fixture
    this.bound = new Bound(fixture.timeout ?? DEFAULT_TIMEOUT)
    this.#needs = needs
  }

  /** A random topic. */
  topic(): Uint8Array {
    return randomBytes(32)
  }

  /** A further network. The first one is made by {@link peers}. */
  async network(): Promise<FixtureNetwork> {
    const network = await this.bound.wait("the fixture's createNetwork()", this.fixture.createNetwork())
    this.#networks.push(network)
    for (const need of this.#needs) {
      if (need === 'connect' || need === 'suspend') continue
      const missing = network.faults?.[need] ? null : need
      if (missing) throw new Skip(`the fixture's network has no faults.${missing}()`)
    }
    return network
  }

  /** The faults of the first network. Only for cases that need them. */
  get faults(): Required<NetworkFaults> {
    return this.#networks[0]!.faults as Required<NetworkFaults>
  }

  /** Peers of one network, that all start at the same moment. */
  async peers<N extends number>(
    count: N,
    options: RecordingHostOptions = {},
    network?: FixtureNetwork
  ): Promise<Peers<N>> {
    const peers: Peer[] = []
    const starts: Promise<void>[] = []
    for (let i = 0; i < count; i++) {
      const peer = await this.idlePeer(options, network)
      peers.push(peer)
      starts.push(peer.start())
      starts[i]!.catch(noop) // told below, when all have been called
    }
    await Promise.all(starts)
    for (const { transport } of peers) this.#checkMethods(transport)
    return peers as Peers<N>
  }

  async peer(options: RecordingHostOptions = {}, network?: FixtureNetwork): Promise<Peer> {
    const [peer] = await this.peers(1, options, network)
    return peer
  }

  /** A peer that nobody has started yet. */
  async idlePeer(options: RecordingHostOptions = {}, network?: FixtureNetwork): Promise<Peer> {
    const place = network ?? this.#networks[0] ?? (await this.network())
    const transport = await this.bound.wait("the network's createTransport()", place.createTransport())
    const name = String.fromCharCode('A'.charCodeAt(0) + this.#peers.length)
    const peer = new Peer(name, transport, options, this.bound)
    this.#peers.push(peer)
    return peer
  }

  /** Lets peers announce a topic. */
  async announce(peers: readonly Peer[], topic = this.topic()): Promise<Uint8Array> {
    for (const peer of peers) peer.join(topic, ANNOUNCE)
    await Promise.all(peers.map((peer) => peer.settle(topic)))
    return topic
  }

  /** Connects peers under a topic, whichever of them dials. */
  async meet(peers: readonly Peer[], topic = this.topic()): Promise<Uint8Array> {
    for (const peer of peers) {
      peer.join(topic)
      await peer.settle(topic) // so that the next one's lookup finds it
    }
    for (const [i, a] of peers.entries()) for (const b of peers.slice(i + 1)) await this.pair(a, b)
    return topic
  }

  /** Two peers that are connected. */
  async link(options: RecordingHostOptions = {}): Promise<Pair> {
    const [a, b] = await this.peers(2, options)
    await this.meet([a, b])
    return this.pair(a, b)
  }

  /** Waits for a connection of which both ends were handed over and are open. */
  async pair(a: Peer, b: Peer): Promise<Pair> {
    const what = () =>
      `a connection between ${a.name} and ${b.name}, at both ends ` +
      `(${a.name} has ${a.connections.length} open, ${b.name} ${b.connections.length})`
    await this.until(what, () => pairs(a, b).length > 0)
    return pairs(a, b)[0]!
  }

  /** Waits until a condition is met, which is looked at after each event. */
  until(what: string | (() => string), condition: () => boolean): Promise<void> {
    return this.bound.until(what, condition)
  }

  wait<T>(what: string, work: T | Promise<T>): Promise<T> {
    return this.bound.wait(what, work)
  }

  /** Proves that a connection carries frames both ways; whether they are the right ones is for other cases. */
  async talk({ near, far }: Pair): Promise<void> {
    const { length } = far.frames
    near.send('a question')
    await this.until('a frame from one end', () => far.frames.length > length)
    const { length: before } = near.frames
    far.send('an answer')
    await this.until('a frame back from the other end', () => near.frames.length > before)
  }

  /** Lets what is under way in this process, and needs no time, come to its end. */
  async turns(): Promise<void> {
    for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Closes a network before the case is over. */
  async close(network: FixtureNetwork): Promise<void> {
    this.#networks.splice(this.#networks.indexOf(network), 1)
    await this.wait("the network's close()", network.close())
  }

  /** Sees the handles of whatever is called within {@link HandleWatch.run}, and of nothing else. */
  watch(): HandleWatch {
    const watch = new HandleWatch()
    this.onend(() => watch.end())
    return watch
  }

  /** Fails when what the watch saw is still there. */
  async assertFreed(watch: HandleWatch, after: string): Promise<void> {
    await this.turns()
    assert.deepEqual(watch.open, [], `after ${after} these are left: ${watch.open.join(', ')}`)
  }

  /** Called when the case is over, however it ends. */
  onend(ending: () => unknown): void {
    this.#endings.push(ending)
  }

  /** Ends all that the case made. What fails here is judged by the cases that are about it. */
  async tearDown(): Promise<void> {
    const ms = this.bound.ms * TEAR_DOWN
    this.bound.end(new Error('the case is over'))
    for (const ending of this.#endings) await within(ms, attempt(ending))
    await Promise.all(this.#peers.map((peer) => peer.tearDown(ms)))
    for (const network of this.#networks)
      await within(
        ms,
        attempt(() => network.close())
      )
  }

  #checkMethods(transport: Peer['transport']): void {
    if (this.#needs.includes('connect') && typeof transport.connect !== 'function') {
      throw new Skip('the transport has no connect()')
    }
    const rests = typeof transport.suspend === 'function' && typeof transport.resume === 'function'
    if (this.#needs.includes('suspend') && !rests) {
      throw new Skip('the transport has no suspend() and resume()')
    }
  }
}

/** The connections of which both ends are open. */
export function pairs(a: Peer, b: Peer): Pair[] {
  return a.connections.flatMap((near) => {
    const far = b.connections.find(({ id }) => id === near.id)
    return far ? [{ a, b, near, far }] : []
  })
}

async function attempt(work: () => unknown): Promise<void> {
  await work()
}

function noop(): void {}
