import { MemoryNetwork } from '@basestore/transport-memory'
import type { ChaosFault } from './chaos/plan.js'
import { Checks } from './checks.js'
import { Endings } from './endings.js'
import { explain } from './explanation.js'
import { Failures } from './failures.js'
import type { FullOptions } from './options.js'
import type { SimulatedPeer } from './peer.js'
import type { Recorder } from './recorder.js'
import { Roster } from './roster.js'
import { Waits } from './waits.js'
import type { WatchedClock } from './watched-clock.js'
import type { World } from './world.js'

/** A run from within: who is in it and who waits, what failed, and how it ends. */
export class Run {
  readonly options: FullOptions
  readonly clock: WatchedClock
  readonly recorder: Recorder
  readonly network: MemoryNetwork
  readonly roster = new Roster()
  readonly waits = new Waits(() => this.now)
  readonly checks: Checks
  readonly world: World
  /** What chaos planned so far. */
  readonly planned: ChaosFault[] = []
  readonly #over = new AbortController()
  readonly #failures: Failures
  readonly #endings = new Endings()

  /** @param directory where RocksDB's files are */
  constructor(options: FullOptions, clock: WatchedClock, recorder: Recorder, directory: string | null) {
    const { seed, link, discovery } = options
    const network = { seed, clock, onevent: recorder.record }
    this.options = options
    this.clock = clock
    this.recorder = recorder
    this.network = new MemoryNetwork({ ...network, ...(link && { link }), ...(discovery && { discovery }) })
    this.#failures = new Failures(
      () => this.now,
      ({ time, message }) => recorder.record({ type: 'failure', time, message })
    )
    this.checks = new Checks(clock, (error) =>
      this.fail(new Error(this.explain(error.message), { cause: error.cause }))
    )
    this.world = this.#makeWorld(directory)
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.clock.now()
  }

  /** Aborted when the run is over. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** What failed, what was planned, and what is left. */
  get outcome() {
    const { all: failures, first: cause } = this.#failures
    const { network, recorder, planned: faults } = this
    return { failures, cause, faults, links: network.links, open: recorder.links }
  }

  /** The scenario, and the checks after it. Never rejects. */
  async perform(scenario: () => void | Promise<void>): Promise<void> {
    try {
      await this.waits.during('the scenario', async () => scenario())
      await this.waits.during('the checks', (signal) => this.checks.finish(signal))
    } catch (error) {
      this.fail(error)
    }
  }

  /** Ends all that goes on. May be called again when it could not. */
  async close(): Promise<void> {
    this.checks.stop()
    this.#over.abort(this.#failures.over)
    this.network.heal()
    for (const peer of this.roster.up) peer.leave().catch(this.fail)
    await this.#endings.over()
    this.waits.end(this.#failures.over)
  }

  /** It does not get on: whoever waits is told. */
  stop(reason: string): void {
    const awaited = `Still awaited:\n${this.#endings.describe()}${this.waits.describe()}`
    this.abandon(new Error(this.explain(`${reason}\n\n${awaited}`)))
  }

  /** Ends all waits with an error. */
  abandon(error: unknown): void {
    this.fail(error)
    this.waits.end(error instanceof Error ? error : new Error(String(error)))
  }

  fail = (error: unknown): void => this.#failures.add(error)

  note(text: string): void {
    this.recorder.record({ type: 'note', time: this.now, text })
  }

  /** What went wrong, with who is connected to whom and what those concerned did last. */
  explain(what: string, who: readonly SimulatedPeer[] = [...this.roster.all.values()]): string {
    return explain(what, who, this.roster, this.recorder)
  }

  #makeWorld(directory: string | null): World {
    const { clock, network, signal, fail, roster } = this
    const { record, because } = this.recorder
    return {
      seed: String(this.options.seed),
      clock,
      network,
      storage: this.options.store,
      directory,
      signal,
      record,
      because,
      fail,
      note: (text) => this.note(text),
      during: (why, work) => this.waits.during(why, work),
      addKey: (publicKey, peer) => roster.addKey(publicKey, peer),
      onconnection: ({ name }, remotePublicKey, open) => {
        const remote = roster.nameOf(remotePublicKey)
        record({ type: 'connection', time: this.now, peer: name, remote, open })
      },
      bury: (what, ending) => this.#endings.add(what, ending)
    }
  }
}
