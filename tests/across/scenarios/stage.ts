import type { Simulation } from '@basestore/testkit/simulation'
import { type DiscoveryOptions, MemoryNetwork, type Random } from '@basestore/transport-memory'
import { ACTIONS } from './actions.js'
import type { JumpingClock } from './jumping-clock.js'
import { Program } from './program.js'
import { HELLO, type RunOfProgram, type Session } from './run-of-program.js'

const NAMES = ['a', 'b', 'c', 'd']
/** Virtual time in which chaos begins its faults, and of the calm that has to follow once all are settled (ms). */
const CHAOS = 45_000
const CALM = 60_000
/** Time for all to meet once the faults are over (ms): dead streams close after 10 s, and lookups come every 6 s. */
const SETTLE = 90_000
/** Time for the latest fault to be noticed (ms): a dead stream closes after 10 s. */
const NOTICED = 15_000
/** The most that a key comes in 10 s, while all faults at once come to it. */
const MAX_ADDS = 6

/** The networks and the programs on them. */
export class Stage {
  readonly programs: readonly Program[]
  readonly networks: readonly MemoryNetwork[]
  readonly sim: Simulation
  readonly #random: Random

  constructor(sim: Simulation, discovery: DiscoveryOptions) {
    this.sim = sim
    const second = () =>
      new MemoryNetwork({
        name: 'second',
        clock: sim.clock,
        seed: `${sim.seed}/second`,
        link: { latency: { uniform: [1, 300] } },
        discovery
      })
    this.#random = sim.random('stage')
    this.networks = Number(sim.seed) % 2 === 1 ? [sim.network, second()] : [sim.network]
    this.programs = NAMES.map((name) => new Program(name, this))
  }

  get links(): number {
    return this.networks.reduce((sum, { links }) => sum + links, 0)
  }

  /** A firewall's answer, which in some runs takes its time. */
  verdict(refuses: boolean): boolean | Promise<boolean> {
    if (Number(this.sim.seed) % 4 < 2) return refuses
    return this.sim.sleep(this.#random.below(400)).then(() => refuses)
  }

  /** After a failure, so that the failure is not hidden among what is left. */
  async end(): Promise<void> {
    await Promise.all(this.programs.map(({ run }) => run?.networker.close()))
  }

  check(holds: boolean, what: string): void {
    if (!holds) throw new Error(`${what}\n${this.programs.map(({ text }) => text).join('\n')}`)
  }

  async chaos(round: number, clock: JumpingClock): Promise<void> {
    const random = this.sim.random(`chaos ${round}`)
    const end = this.sim.now + CHAOS
    const under: Promise<void>[] = []
    while (this.sim.now < end) {
      await this.sim.sleep(random.below(4_000))
      const action = ACTIONS[random.below(ACTIONS.length)]!
      const [one, other] = random.shuffle([...this.programs]) as [Program, Program]
      if (!one.run || one.isBusy) continue
      this.sim.note(`${action.name} ${one.name} ${other.name}`)
      under.push(action({ sim: this.sim, networks: this.networks, random, clock }, one, other))
    }
    await Promise.all(under)
    for (const network of this.networks) network.heal()
    this.shape()
  }

  /** In some runs, frames come in pieces, or several at once. */
  shape(): void {
    const shape = [{}, { slice: 20 }, { coalesce: 30 }][Number(this.sim.seed) % 3]!
    if (Object.keys(shape).length === 0) return
    for (const network of this.networks) network.shape(/./, /./, { latency: { uniform: [10, 90] }, ...shape })
  }

  /** All meet, nobody comes or goes after that, and each has greeted the other exactly once. */
  async settle(): Promise<void> {
    const sim = this.sim
    await sim.sleep(NOTICED)
    await sim
      .until(() => this.#faults().length === 0, { within: SETTLE, why: 'all have met' })
      .catch(() => {})
    this.check(this.#faults().length === 0, this.#faults().join('\n'))
    this.#checkFlaps()
    const changes = () => this.programs.reduce((sum, { run }) => sum + run!.changes.length, 0)
    const before = changes()
    await sim.sleep(CALM)
    this.check(changes() === before, `${changes() - before} peers came or went while all was calm`)
    this.check(this.#faults().length === 0, this.#faults().join('\n'))
    await this.#talk()
  }

  /** However chaotic it is, nobody comes and goes without end. */
  #checkFlaps(): void {
    for (const run of this.programs.flatMap(({ runs }) => runs)) {
      for (const { peer, since } of run.sessions) {
        const adds = run.sessions.filter(
          (other) =>
            peer.remotePublicKey.equals(other.peer.remotePublicKey) && Math.abs(other.since - since) <= 5_000
        )
        this.check(adds.length <= MAX_ADDS, `${run.name} was told ${adds.length} times of one key in 10 s`)
      }
    }
  }

  async #talk(): Promise<void> {
    const said = `at ${this.sim.now}`
    for (const [one, other] of this.#pairs()) one.say(said, one.with(other)!)
    await this.sim.sleep(2_000)
    for (const [one, other] of this.#pairs()) {
      const heard = other.with(one)!.said.filter((text) => text === said).length
      this.check(heard === 1, `${other.name} heard ${one.name} ${heard} times over the protocol`)
    }
  }

  #faults(): string[] {
    const faults: string[] = []
    for (const [one, other] of this.#pairs()) {
      const [here, there] = [one.with(other), other.with(one)]
      if (!here || !there) faults.push(`${one.name} does not have ${other.name}, or the reverse`)
      else if (!isGreetedBy(here, there))
        faults.push(
          `${one.name} was not greeted by ${other.name}: ${JSON.stringify(here.greetings)}, by session ${there.number}`
        )
      else if (!this.#heardHello(here))
        faults.push(`${one.name} heard ${hellosIn(here)} hellos of ${other.name}`)
      else if (!here.open.greet || !here.open.own)
        faults.push(`${one.name} does not have all open with ${other.name}`)
    }
    for (const { run } of this.programs) {
      const { peers, streams } = run!.networker
      if (peers.size !== NAMES.length - 1 || streams.size !== peers.size)
        faults.push(`${run!.name} has ${peers.size} peers and ${streams.size} streams`)
    }
    return faults
  }

  /** When another transport takes over within a session, the protocol opens again. */
  #heardHello(session: Session): boolean {
    const hellos = hellosIn(session)
    return this.networks.length > 1 ? hellos > 0 : hellos === 1
  }

  /** In both orders. */
  *#pairs(): Iterable<[RunOfProgram, RunOfProgram]> {
    for (const { run: one } of this.programs)
      for (const { run: other } of this.programs) if (one !== other) yield [one!, other!]
  }
}

function hellosIn({ said }: Session): number {
  return said.filter((text) => text === HELLO).length
}

function isGreetedBy(here: Session, there: Session): boolean {
  const isBroken = here.openings > 1 || there.openings > 1
  if (here.greetings.length === 0) return isBroken
  return here.greetings.length === 1 && here.greetings[0]!.session === there.number
}
