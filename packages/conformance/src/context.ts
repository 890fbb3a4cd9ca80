import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Bound, settlesWithin } from './bound.js'
import { assertNetwork, type FixtureNetwork, type NetworkFaults, type TransportFixture } from './fixture.js'
import { HandleWatch } from './handle-watch.js'
import { checkNetwork, checkTransport, type Need } from './need.js'
import { noop } from './noop.js'
import { type Pair, pairs } from './pair.js'
import { ANNOUNCE, Peer, type Peers } from './peer.js'
import type { RecordingHostOptions } from './recording-host.js'

/** Time limit of a case when the fixture sets none (ms). */
export const DEFAULT_TIMEOUT = 10_000
/** The share of a case's time limit that each step of its tear-down may take. */
const TEAR_DOWN = 1 / 4
/** Turns of the event loop after which Node has let go of the handles that were closed. */
const TURNS = 8

/** A case works with this: its own peers and networks, and waits that end at the case's time limit. */
export class CaseContext {
  readonly fixture: TransportFixture
  readonly bound: Bound
  readonly #needs: readonly Need[]
  readonly #peers: Peer[] = []
  readonly #networks: FixtureNetwork[] = []
  readonly #endings: (() => unknown)[] = []

  constructor(fixture: TransportFixture, needs: readonly Need[]) {
    this.fixture = fixture
    this.bound = new Bound(fixture.timeout ?? DEFAULT_TIMEOUT)
    this.#needs = needs
  }

  /** A random topic. */
  topic(): Uint8Array {
    return randomBytes(32)
  }

  /** Makes one more network. {@link peers} makes the first one by itself. */
  async network(): Promise<FixtureNetwork> {
    const network = await this.bound.wait("the fixture's createNetwork()", this.fixture.createNetwork())
    this.#networks.push(network)
    assertNetwork(network)
    checkNetwork(this.#needs, network)
    return network
  }

  /** The injected faults of the first network. Only for cases that need them. */
  get faults(): Required<NetworkFaults> {
    return this.#networks[0]!.faults as Required<NetworkFaults>
  }

  /** Peers of one network. All of them start at the same moment. */
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
      starts[i]!.catch(noop) // Promise.all() below reports it, once all have been called
    }
    await Promise.all(starts)
    for (const { transport } of peers) checkTransport(this.#needs, transport)
    return peers as Peers<N>
  }

  async peer(options: RecordingHostOptions = {}, network?: FixtureNetwork): Promise<Peer> {
    const [peer] = await this.peers(1, options, network)
    return peer
  }

  /** A peer that is not started yet. */
  async idlePeer(options: RecordingHostOptions = {}, network?: FixtureNetwork): Promise<Peer> {
    const place = network ?? this.#networks[0] ?? (await this.network())
    const transport = await this.bound.wait("the network's createTransport()", place.createTransport())
    const name = String.fromCharCode('A'.charCodeAt(0) + this.#peers.length)
    const peer = new Peer(name, transport, options, this.bound)
    this.#peers.push(peer)
    return peer
  }

  /** Lets peers announce a topic, and waits until it is announced. */
  async announce(peers: readonly Peer[], topic = this.topic()): Promise<Uint8Array> {
    for (const peer of peers) peer.join(topic, ANNOUNCE)
    await Promise.all(peers.map((peer) => peer.tryFlush(topic)))
    return topic
  }

  /** Connects peers under a topic, whichever of them dials. */
  async meet(peers: readonly Peer[], topic = this.topic()): Promise<Uint8Array> {
    for (const peer of peers) {
      peer.join(topic)
      await peer.tryFlush(topic) // so that the next one's lookup finds it
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

  /** Waits for a connection that is open at both ends. */
  async pair(a: Peer, b: Peer): Promise<Pair> {
    const what = () =>
      `a connection between ${a.name} and ${b.name}, at both ends ` +
      `(${a.name} has ${a.connections.length} open, ${b.name} ${b.connections.length})${faultsOf(a, b)}`
    await this.until(what, () => pairs(a, b).length > 0)
    return pairs(a, b)[0]!
  }

  /** Waits until a condition is met. It is looked at now, and after each event of the case's peers. */
  until(what: string | (() => string), condition: () => boolean): Promise<void> {
    return this.bound.until(what, condition)
  }

  wait<T>(what: string, work: T | Promise<T>): Promise<T> {
    return this.bound.wait(what, work)
  }

  /** Asserts that a connection carries frames both ways. Other cases check that they are the right ones. */
  async talk({ near, far }: Pair): Promise<void> {
    const { length } = far.frames
    near.send('a question')
    await this.until('a frame from one end', () => far.frames.length > length)
    const { length: before } = near.frames
    far.send('an answer')
    await this.until('a frame back from the other end', () => near.frames.length > before)
  }

  /** Waits for work in this process that needs some turns of the event loop, and no time. */
  async turns(): Promise<void> {
    for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Closes a network before the case ends. */
  async close(network: FixtureNetwork): Promise<void> {
    this.#networks.splice(this.#networks.indexOf(network), 1)
    await this.wait("the network's close()", network.close())
  }

  /** Watches the handles that are made within {@link HandleWatch.run}, and no others. */
  watch(): HandleWatch {
    const watch = new HandleWatch()
    this.onend(() => watch.end())
    return watch
  }

  /** Fails when a handle that the watch saw is still open. */
  async assertFreed(watch: HandleWatch, after: string): Promise<void> {
    await this.turns()
    assert.deepEqual(watch.open, [], `after ${after} these are left: ${watch.open.join(', ')}`)
  }

  /** Registers what to do when the case ends, passed or failed. */
  onend(ending: () => unknown): void {
    this.#endings.push(ending)
  }

  /** Ends everything that the case made. An error here is not reported: other cases are about it. */
  async tearDown(): Promise<void> {
    const ms = this.bound.ms * TEAR_DOWN
    this.bound.end(new Error('the case has ended'))
    for (const ending of this.#endings) await settlesWithin(ms, attempt(ending))
    await Promise.all(this.#peers.map((peer) => peer.tearDown(ms)))
    for (const network of this.#networks) {
      const closed = attempt(() => network.close())
      await settlesWithin(ms, closed)
    }
  }
}

/** The faults that transports reported often explain why peers do not meet. */
function faultsOf(...peers: readonly Peer[]): string {
  return peers
    .flatMap(({ name, host }) => host.faults.map((fault) => `; fault of ${name}: ${fault}`))
    .join('')
}

async function attempt(work: () => unknown): Promise<void> {
  await work()
}
