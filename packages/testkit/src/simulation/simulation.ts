import { NetworkerError } from '@basestore/networker'
import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { type MemoryNetwork, Random } from '@basestore/transport-memory'
import type { PeerNames } from '../networks/names.js'
import { type Topology, toPairs } from '../networks/topology.js'
import { Chaos } from './chaos/chaos.js'
import { type ChaosOptions, DURATION } from './chaos/options.js'
import { planChaos } from './chaos/plan.js'
import type { CheckOptions, EventuallyOptions } from './checks.js'
import { assertWithin, type Condition, poll, sleep } from './clock-waits.js'
import { listNames } from './explanation.js'
import { linkPeers } from './link-peers.js'
import { SimulatedPeer, type SimulatedPeerOptions } from './peer.js'
import type { Run } from './run.js'
import { ScenarioFailure } from './scenario-failure.js'
import type { WatchedClock } from './watched-clock.js'

/** How long `until` waits by default, in virtual milliseconds. */
const WITHIN = 60_000

export interface UntilOptions {
  /** Virtual milliseconds. @default 60_000 */
  readonly within?: number
  /** The purpose of the wait, for the failure's message. @default the condition's source text */
  readonly why?: string
  /** The peers that wait. The failure's message names them, and shows their last events. @default all peers */
  readonly who?: readonly SimulatedPeer[]
}

const UNTIL: OptionKinds<UntilOptions> = { within: 'any', why: 'string', who: 'any' }

/** A running simulation, as a scenario uses it. All times are virtual milliseconds. */
export class Simulation {
  readonly seed: number | string
  readonly clock: WatchedClock
  readonly network: MemoryNetwork
  /** Aborts when the run ends. */
  readonly signal: AbortSignal
  readonly #run: Run
  #chaosCalls = 0

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

  /** All peers by name, including those that crashed or left. */
  get all(): ReadonlyMap<string, SimulatedPeer> {
    return this.#run.roster.all
  }

  /** A generator of its own for each name. Its numbers follow from the seed and the name alone. */
  random(name: string): Random {
    return new Random(`${this.seed}/random/${name}`)
  }

  /** Makes a peer and starts it. @throws NetworkerError `INVALID_OPTION`, and what the peer's program throws */
  async peer(name: string, options: SimulatedPeerOptions = {}): Promise<SimulatedPeer> {
    const [peer] = await this.peers([name], options)
    return peer!
  }

  /**
   * Makes peers that start at the same moment. A count names them `a`, `b`, `c` and so on.
   *
   * @throws NetworkerError `INVALID_OPTION` when a name is taken, and what the peers' programs throw
   */
  async peers(
    names: PeerNames,
    options: SimulatedPeerOptions | ((name: string, index: number) => SimulatedPeerOptions) = {}
  ): Promise<SimulatedPeer[]> {
    const made = this.#run.roster.add(names, (name, index) => {
      const own = typeof options === 'function' ? options(name, index) : options
      return new SimulatedPeer(name, this.#run.peerContext, own)
    })
    const what = `the start of ${listNames(made)}`
    await this.#run.waits.during(what, () => Promise.all(made.map((peer) => peer.start())))
    return made
  }

  /**
   * Links peers, whatever topics they join. Resolves once each has the other.
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

  /** Lets time pass. In a peer's program use {@link SimulatedPeer.sleep}, which ends with the peer. */
  async sleep(ms: number): Promise<void> {
    await this.#run.waits.during(`a sleep of ${ms} ms`, (signal) => sleep(this.clock, ms, signal))
  }

  /**
   * Waits until a condition holds. The condition is asked every 10 ms, and in a long wait each time that another
   * hundredth of the time has passed. A condition that uses a peer which is down does not hold yet.
   *
   * @throws NetworkerError `TIMEOUT` when it does not hold in time. An error with the code `CONDITION_THREW` when it
   * throws. Both messages tell who is connected to whom and what happened last.
   */
  async until(condition: Condition, options: UntilOptions = {}): Promise<void> {
    checkOptions<UntilOptions>(options, UNTIL, { what: 'the options of until()' })
    const { within = WITHIN, why, who } = options
    assertWithin(within)
    const what = `${why ?? String(condition)}${who ? `, awaited by ${listNames(who)}` : ''}`
    const held = await this.#run.waits.during(what, async (signal) => {
      try {
        return await poll(this.clock, condition, within, signal)
      } catch (cause) {
        const message = `the condition threw: ${cause instanceof Error ? cause.message : cause}`
        const text = this.#run.explain(`${message}\n\nIt waited for: ${what}`, who)
        throw new ScenarioFailure('CONDITION_THREW', text, { cause })
      }
    })
    if (held) return
    throw new NetworkerError('TIMEOUT', this.#run.explain(`not within ${within} ms: ${what}`, who))
  }

  /** Has to hold each time that it is asked. It is not asked while it uses a peer that is down. */
  always(name: string, condition: Condition, options?: CheckOptions): void {
    this.#run.checks.always(name, condition, options)
  }

  /** Has to hold in the end: during the scenario, or some time after it. */
  eventually(name: string, condition: Condition, options?: EventuallyOptions): void {
    this.#run.checks.eventually(name, condition, options)
  }

  /** Has to hold at least once when it is asked. Otherwise the run did not test what it should. */
  sometimes(name: string, condition: Condition, options?: CheckOptions): void {
    this.#run.checks.sometimes(name, condition, options)
  }

  /**
   * Lets the network and the peers fail at random for a while. Resolves when all these faults are over and all peers
   * are up again. From then on, what the peers owe can be awaited.
   *
   * @throws NetworkerError `INVALID_OPTION`, and what a peer's program throws when the peer starts again
   */
  async chaos(options: ChaosOptions): Promise<void> {
    const { duration = DURATION } = options
    const { planned, options: chosen, recorder, peerContext } = this.#run
    const names = [...this.all.keys()]
    const plan = planChaos(options, names, `${this.seed}/${this.#chaosCalls++}`, this.now)
    const numbered = plan.map((fault) => ({ ...fault, id: fault.id + planned.length }))
    planned.push(...numbered)
    const faults = numbered.filter(({ id }) => !chosen.faults || chosen.faults.includes(id))
    const end = this.now + duration
    const context = { ...peerContext, peers: this.all, because: recorder.because }
    await this.#run.waits.during(`the end of ${duration} ms of chaos`, (signal) => {
      return new Chaos(context, signal).run(faults, end)
    })
  }

  /** Writes a line to the trace. */
  note(text: string): void {
    this.#run.note(text)
  }

  /** A drawing of who is connected to whom, a line for each peer that is up. */
  map(): string {
    return this.#run.roster.map()
  }
}
