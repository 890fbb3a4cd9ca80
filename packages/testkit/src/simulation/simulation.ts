import { type MemoryNetwork, Random } from '@basestore/transport-memory'
import { type Topology, toPairs } from '../networks/topology.js'
import { Chaos } from './chaos/chaos.js'
import { type ChaosOptions, DURATION, planChaos } from './chaos/plan.js'
import type { CheckOptions, EventuallyOptions } from './checks.js'
import { type Condition, checkWithin, poll, sleep } from './clock-waits.js'
import { listed } from './explanation.js'
import { linkPeers } from './link-peers.js'
import { SimulatedPeer, type SimulatedPeerOptions } from './peer.js'
import type { Run } from './run.js'
import type { WatchedClock } from './watched-clock.js'

/** How long `until` waits unless told otherwise, in virtual milliseconds. */
const WITHIN = 60_000

export interface UntilOptions {
  /** Virtual milliseconds. @default 60_000 */
  readonly within?: number
  /** What is waited for, for the message of a failure. @default the condition's source */
  readonly why?: string
  /** Those who wait for it: the message names them, and shows what they did last. @default nobody, and what all did */
  readonly who?: readonly SimulatedPeer[]
}

/** What a scenario works with. All times are virtual milliseconds. */
export class Simulation {
  readonly seed: number | string
  readonly clock: WatchedClock
  readonly network: MemoryNetwork
  /** Aborted when the run is over. */
  readonly signal: AbortSignal
  readonly #run: Run
  #chaoses = 0

  /** @internal Made by `simulate`. */
  constructor(run: Run) {
    this.seed = run.options.seed
    this.clock = run.clock
    this.network = run.network
    this.signal = run.signal
    this.#run = run
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.clock.now()
  }

  /** All peers by name, also those that crashed or left. */
  get all(): ReadonlyMap<string, SimulatedPeer> {
    return this.#run.roster.all
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
    const made = this.#run.roster.add(names, (name, index) => {
      return new SimulatedPeer(
        name,
        this.#run.world,
        typeof options === 'function' ? options(name, index) : options
      )
    })
    const what = `the start of ${listed(made)}`
    await this.#run.waits.during(what, () => Promise.all(made.map((peer) => peer.start())))
    return made
  }

  /**
   * Links peers, whatever topics they join. Resolves when each has the other.
   *
   * @param peers default all that are up
   * @throws NetworkerError `CONNECT_FAILED`
   */
  async connect(topology: Topology, peers: readonly SimulatedPeer[] = this.#run.roster.up): Promise<void> {
    const names = peers.map(({ name }) => name)
    const pairs = toPairs(topology, names, this.seed)
    const link = (a: SimulatedPeer, b: SimulatedPeer): Promise<void> => {
      const what = `a link from ${a.name} to ${b.name}`
      return this.#run.waits.during(what, (signal) => linkPeers(a.networker, b.networker, signal))
    }
    await Promise.all(pairs.map(([a, b]) => link(peers[a]!, peers[b]!)))
  }

  /** Lets time pass. In a peer's program, {@link SimulatedPeer.sleep} ends with it. */
  async sleep(ms: number): Promise<void> {
    await this.#run.waits.during(`a sleep of ${ms} ms`, (signal) => sleep(this.clock, ms, signal))
  }

  /**
   * Waits until a condition holds. It is looked at every 10 ms, and less often later: every hundredth of the time
   * waited. One that asks a peer which is down does not hold yet.
   *
   * @throws Error when it does not in time, or throws: with who is connected to whom and what happened last
   */
  async until(condition: Condition, { within = WITHIN, why, who }: UntilOptions = {}): Promise<void> {
    checkWithin(within)
    const what = `${why ?? String(condition)}${who ? `, awaited by ${listed(who)}` : ''}`
    const held = await this.#run.waits.during(what, async (signal) => {
      try {
        return await poll(this.clock, condition, within, signal)
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : cause
        throw new Error(this.#run.explain(`the condition threw: ${message}\n\nIt waited for: ${what}`, who), {
          cause
        })
      }
    })
    if (!held) throw new Error(this.#run.explain(`not within ${within} ms: ${what}`, who))
  }

  /** Has to hold whenever it is looked at, which is not while it asks a peer that is down. */
  always(name: string, condition: Condition, options?: CheckOptions): void {
    this.#run.checks.always(name, condition, options)
  }

  /** Has to hold in the end: some time after the scenario is over at the latest. */
  eventually(name: string, condition: Condition, options?: EventuallyOptions): void {
    this.#run.checks.eventually(name, condition, options)
  }

  /** Has to hold once when it is looked at, or the run did not test what it was to test. */
  sometimes(name: string, condition: Condition, options?: CheckOptions): void {
    this.#run.checks.sometimes(name, condition, options)
  }

  /**
   * Lets the network and the peers fail at random for a while. Resolves when these faults are over and all peers are
   * there again: what is awaited then is the liveness that they owe.
   *
   * @throws NetworkerError `INVALID_OPTION`, and what a peer's program throws when it starts again
   */
  async chaos(options: ChaosOptions): Promise<void> {
    const { duration = DURATION } = options
    const {
      options: { faults: only },
      planned: before
    } = this.#run
    const names = [...this.all.keys()]
    const planned = planChaos(options, names, `${this.seed}/${this.#chaoses++}`, this.now)
    const numbered = planned.map((fault) => ({ ...fault, id: fault.id + before.length }))
    before.push(...numbered)
    const chosen = numbered.filter(({ id }) => !only || only.includes(id))
    const end = this.now + duration
    await this.#run.waits.during(`the end of ${duration} ms of chaos`, (signal) => {
      return new Chaos(this.#run.world, this.all, signal).run(chosen, end)
    })
  }

  /** Writes a line to the trace. */
  note(text: string): void {
    this.#run.note(text)
  }

  /** Who is connected to whom, a line for each peer that is up. */
  map(): string {
    return this.#run.roster.map()
  }
}
