import { NetworkerError } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import type { ChaosFault } from './chaos/action.js'
import { Checks } from './checks.js'
import { Closings } from './closings.js'
import { explain } from './explanation.js'
import { Failures } from './failures.js'
import type { FullOptions } from './options.js'
import type { SimulatedPeer } from './peer.js'
import type { PeerContext } from './peer-context.js'
import type { Recorder } from './recorder.js'
import { Roster } from './roster.js'
import { ScenarioFailure } from './scenario-failure.js'
import { Waits } from './waits.js'
import type { WatchedClock } from './watched-clock.js'

/** The inside of a run: its peers, its waits, its failures, and how it ends. */
export class Run {
  readonly options: FullOptions
  readonly clock: WatchedClock
  readonly recorder: Recorder
  readonly network: MemoryNetwork
  readonly roster = new Roster()
  readonly waits = new Waits(() => this.now)
  readonly checks: Checks
  readonly peerContext: PeerContext
  /** All faults that chaos has planned so far. */
  readonly planned: ChaosFault[] = []
  readonly #end = new AbortController()
  readonly #failures: Failures
  readonly #closings = new Closings()

  /** @param directory where RocksDB's files go */
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
    this.checks = new Checks(clock, (message, cause) => {
      this.fail(new ScenarioFailure('CHECK_FAILED', this.explain(message), { cause }))
    })
    this.peerContext = this.#makePeerContext(directory)
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.clock.now()
  }

  /** Aborts when the run ends. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** The failures, the planned faults, and the links that are left. */
  get result() {
    const { all: failures, first: cause } = this.#failures
    const { network, recorder, planned: faults } = this
    return { failures, cause, faults, links: network.links, open: recorder.links }
  }

  /** Runs the scenario, and then the checks. Never rejects. */
  async perform(scenario: () => void | Promise<void>): Promise<void> {
    try {
      await this.waits.during('the scenario', async () => scenario())
      await this.waits.during('the checks', (signal) => this.checks.finish(signal))
    } catch (error) {
      this.fail(error)
    }
  }

  /** Ends everything that the scenario left going. May be called again after it failed. */
  async close(): Promise<void> {
    this.checks.stop()
    this.#end.abort(this.#failures.endOfRun)
    this.network.heal()
    for (const peer of this.roster.up) peer.leave().catch(this.fail)
    await this.#closings.wait()
    this.waits.end(this.#failures.endOfRun)
  }

  /** Fails the run because it is stuck, and ends all waits. */
  stop(reason: string): void {
    const awaited = `Still awaited:\n${this.#closings.describe()}${this.waits.describe()}`
    this.abandon(new NetworkerError('TIMEOUT', this.explain(`${reason}\n\n${awaited}`)))
  }

  /** Fails the run, and ends all waits with the error. */
  abandon(error: unknown): void {
    this.fail(error)
    this.waits.end(error instanceof Error ? error : new Error(String(error)))
  }

  fail = (error: unknown): void => this.#failures.add(error)

  note(text: string): void {
    this.recorder.record({ type: 'note', time: this.now, text })
  }

  /** The text of a failure: with who is connected to whom, and the last events of the peers that it is about. */
  explain(what: string, who: readonly SimulatedPeer[] = [...this.roster.all.values()]): string {
    return explain(what, who, this.roster, this.recorder)
  }

  #makePeerContext(directory: string | null): PeerContext {
    const { clock, network, signal, fail, roster } = this
    const { record } = this.recorder
    return {
      seed: String(this.options.seed),
      clock,
      network,
      storage: this.options.store,
      directory,
      signal,
      record,
      fail,
      note: (text) => this.note(text),
      during: (why, work) => this.waits.during(why, work),
      addKey: (publicKey, name) => roster.addKey(publicKey, name),
      onconnection: (name, remotePublicKey, open) => {
        const remote = roster.nameOf(remotePublicKey)
        record({ type: 'connection', time: this.now, peer: name, remote, open })
      },
      addClosing: (name, closing) => this.#closings.add(name, closing)
    }
  }
}
