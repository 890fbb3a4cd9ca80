import { MemoryNetwork, Random } from '@basestore/transport-memory'
import { type Topology, toPairs } from '../topology.js'
import { Chaos } from './chaos.js'
import { type ChaosFault, type ChaosOptions, DURATION, planChaos } from './chaos-plan.js'
import { type CheckOptions, Checks, type EventuallyOptions } from './checks.js'
import { type Condition, poll, sleep } from './clock-waits.js'
import { Endings } from './endings.js'
import { explain } from './explanation.js'
import { Failures } from './failures.js'
import { linkPeers } from './link-peers.js'
import type { FullOptions } from './options.js'
import { SimulatedPeer, type SimulatedPeerOptions } from './peer.js'
import type { Recorder } from './recorder.js'
import { Roster } from './roster.js'
import { Waits } from './waits.js'
import type { WatchedClock } from './watched-clock.js'
import type { World } from './world.js'

/** How long `until` waits unless told otherwise, in virtual milliseconds. */
const WITHIN = 60_000

export interface UntilOptions {
  /** Virtual milliseconds. @default 60_000 */
  readonly within?: number
  /** What is waited for, for the message of a failure. @default the condition's source */
  readonly why?: string
  /** Those whose last events the message shows. @default all */
  readonly who?: readonly SimulatedPeer[]
}

/** What a scenario works with. All times are virtual milliseconds. */
export class Simulation {
  readonly seed: number | string
  readonly clock: WatchedClock
  readonly network: MemoryNetwork
  /** Aborted when the run is over. */
  readonly signal: AbortSignal
  readonly #options: FullOptions
  readonly #recorder: Recorder
  readonly #roster = new Roster()
  readonly #waits = new Waits(() => this.now)
  readonly #over = new AbortController()
  readonly #failures: Failures
  readonly #checks: Checks
  readonly #endings = new Endings()
  readonly #planned: ChaosFault[] = []
  readonly #world: World
  #chaoses = 0

  /** @internal */
  constructor(options: FullOptions, clock: WatchedClock, recorder: Recorder, directory: string | null) {
    const { seed, link, discovery } = options
    const onevent = recorder.record
    this.seed = seed
    this.clock = clock
    this.signal = this.#over.signal
    this.network = new MemoryNetwork({
      seed,
      clock,
      onevent,
      ...(link && { link }),
      ...(discovery && { discovery })
    })
    this.#options = options
    this.#recorder = recorder
    this.#failures = new Failures(
      () => this.now,
      ({ time, message }) => recorder.record({ type: 'failure', time, message })
    )
    this.#checks = new Checks(clock, (error) =>
      this.fail(new Error(this.#explain(error.message), { cause: error.cause }))
    )
    this.#world = this.#makeWorld(directory)
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.clock.now()
  }

  /** All peers by name, also those that crashed or left. */
  get all(): ReadonlyMap<string, SimulatedPeer> {
    return this.#roster.all
  }

  /** A generator that follows from the seed and a name, and that nobody else shifts. */
  random(name: string): Random {
    return new Random(`${this.seed}/random/${name}`)
  }

  /** Makes a peer and starts it. @throws what its program throws */
  async peer(name: string, options: SimulatedPeerOptions = {}): Promise<SimulatedPeer> {
    const [peer] = await this.peers([name], options)
    return peer!
  }

  /**
   * Makes peers that start at the same moment, called `a`, `b`, `c` and so on unless names are given.
   *
   * @throws NetworkerError `INVALID_OPTION` when there is one of such a name, and what their programs throw
   */
  async peers(
    names: number | readonly string[],
    options: SimulatedPeerOptions | ((name: string, index: number) => SimulatedPeerOptions) = {}
  ): Promise<SimulatedPeer[]> {
    const made = this.#roster.add(names, (name, index) => {
      return new SimulatedPeer(
        name,
        this.#world,
        typeof options === 'function' ? options(name, index) : options
      )
    })
    const what = `the start of ${made.length} peers`
    await this.#waits.during(what, () => Promise.all(made.map((peer) => peer.start())))
    return made
  }

  /**
   * Links peers, whatever topics they join. Resolves when each has the other.
   *
   * @param peers default all that are up
   * @throws NetworkerError `CONNECT_FAILED`
   */
  async connect(topology: Topology, peers: readonly SimulatedPeer[] = this.#roster.up): Promise<void> {
    const names = peers.map(({ name }) => name)
    const pairs = toPairs(topology, names, this.seed)
    const link = (a: SimulatedPeer, b: SimulatedPeer): Promise<void> => {
      const what = `a link from ${a.name} to ${b.name}`
      return this.#waits.during(what, (signal) => linkPeers(a.networker, b.networker, signal))
    }
    await Promise.all(pairs.map(([a, b]) => link(peers[a]!, peers[b]!)))
  }

  /** Lets time pass. In a peer's program, {@link SimulatedPeer.sleep} ends with it. */
  async sleep(ms: number): Promise<void> {
    await this.#waits.during(`a sleep of ${ms} ms`, (signal) => sleep(this.clock, ms, signal))
  }

  /**
   * Waits until a condition holds. It is looked at every 10 ms, and less often later: every hundredth of the time
   * waited. One that asks a peer which is down does not hold yet.
   *
   * @throws Error when it does not in time, or throws: with who is connected to whom and what happened last
   */
  async until(condition: Condition, { within = WITHIN, why, who }: UntilOptions = {}): Promise<void> {
    const what = why ?? String(condition)
    const held = await this.#waits.during(what, async (signal) => {
      try {
        return await poll(this.clock, condition, within, signal)
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : cause
        throw new Error(this.#explain(`the condition threw: ${message}\n\nIt waited for: ${what}`, who), {
          cause
        })
      }
    })
    if (!held) throw new Error(this.#explain(`not within ${within} ms: ${what}`, who))
  }

  /** Has to hold whenever it is looked at, which is not while it asks a peer that is down. */
  always(name: string, condition: Condition, options?: CheckOptions): void {
    this.#checks.always(name, condition, options)
  }

  /** Has to hold in the end: some time after the scenario is over at the latest. */
  eventually(name: string, condition: Condition, options?: EventuallyOptions): void {
    this.#checks.eventually(name, condition, options)
  }

  /** Has to hold once when it is looked at, or the run did not test what it was to test. */
  sometimes(name: string, condition: Condition, options?: CheckOptions): void {
    this.#checks.sometimes(name, condition, options)
  }

  /**
   * Lets the network and the peers fail at random for a while. Resolves when these faults are over and all peers are
   * there again: what is awaited then is the liveness that they owe.
   *
   * @throws NetworkerError `INVALID_OPTION`, and what a peer's program throws when it starts again
   */
  async chaos(options: ChaosOptions): Promise<void> {
    const { duration = DURATION } = options
    const { faults: only } = this.#options
    const before = this.#planned.length
    const names = [...this.all.keys()]
    const planned = planChaos(options, names, `${this.seed}/${this.#chaoses++}`, this.now)
    const numbered = planned.map((fault) => ({ ...fault, id: fault.id + before }))
    this.#planned.push(...numbered)
    const chosen = numbered.filter(({ id }) => !only || only.includes(id))
    const end = this.now + duration
    await this.#waits.during(`the end of ${duration} ms of chaos`, (signal) => {
      return new Chaos(this.#world, this.all, signal).run(chosen, end)
    })
  }

  /** Writes a line to the trace. */
  note(text: string): void {
    this.#recorder.record({ type: 'note', time: this.now, text })
  }

  /** Who is connected to whom, a line for each peer that is up. */
  map(): string {
    return this.#roster.map()
  }

  /** @internal */
  async run(scenario: (sim: Simulation) => void | Promise<void>): Promise<void> {
    try {
      await this.#waits.during('the scenario', async () => scenario(this))
      await this.#waits.during('the checks', (signal) => this.#checks.finish(signal))
    } catch (error) {
      this.fail(error)
    }
  }

  /** @internal Ends all that goes on. May be called again when it could not. */
  async close(): Promise<void> {
    this.#checks.stop()
    this.#over.abort(this.#failures.over)
    this.network.heal()
    for (const peer of this.#roster.up) peer.leave().catch(this.fail)
    await this.#endings.over()
    this.#waits.end(this.#failures.over)
  }

  /** @internal It does not get on: whoever waits is told. */
  stop(reason: string): void {
    this.abandon(
      new Error(
        this.#explain(`${reason}\n\nStill awaited:\n${this.#endings.describe()}${this.#waits.describe()}`)
      )
    )
  }

  /** @internal Ends all waits with an error. */
  abandon(error: unknown): void {
    this.fail(error)
    this.#waits.end(error instanceof Error ? error : new Error(String(error)))
  }

  /** @internal */
  fail = (error: unknown): void => this.#failures.add(error)

  /** @internal */
  get outcome() {
    const { all: failures, first } = this.#failures
    return {
      failures,
      cause: first,
      faults: this.#planned,
      links: this.network.links,
      open: this.#recorder.links
    }
  }

  #explain(what: string, who: readonly SimulatedPeer[] = [...this.all.values()]): string {
    return explain(what, who, this.#roster, this.#recorder)
  }

  #makeWorld(directory: string | null): World {
    const { record } = this.#recorder
    const { seed, clock, network, signal, fail } = this
    return {
      seed: String(seed),
      clock,
      network,
      storage: this.#options.store,
      directory,
      signal,
      record,
      fail,
      note: (text) => this.note(text),
      during: (why, work) => this.#waits.during(why, work),
      addKey: (publicKey, peer) => this.#roster.addKey(publicKey, peer),
      onconnection: ({ name }, remotePublicKey, open) => {
        const remote = this.#roster.nameOf(remotePublicKey)
        record({ type: 'connection', time: this.now, peer: name, remote, open })
      },
      bury: (what, ending) => this.#endings.add(what, ending)
    }
  }
}
