import { createHash } from 'node:crypto'
import type { KeyPair } from '@basestore/networker'
import type { Simulation, SimulationOptions } from '@basestore/testkit/simulation'
import { type Host, MemoryNetwork, type Random } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { HELLO, RunOfProgram, type Session } from './run-of-program.js'

const NAMES = ['a', 'b', 'c', 'd']
const TOPIC = Buffer.alloc(32, 'runs')
const ROUNDS = 2
/** Virtual time in which chaos begins its faults, and of the calm that has to follow once all are settled (ms). */
const CHAOS = 45_000
const CALM = 60_000
/** Time for all to meet once the faults are over (ms): dead streams close after 10 s, and lookups come every 6 s. */
const SETTLE = 90_000
/** Time for the latest fault to be noticed (ms): a dead stream closes after 10 s. */
const NOTICED = 15_000
/** The most that a key comes in 10 s, while all faults at once come to it. */
const MAX_ADDS = 6
const HOUR = 3_600_000
/** Time for a hello that was sent before a firewall refuses to arrive (ms). */
const IN_FLIGHT = 2_000

export const options: SimulationOptions = {
  link: { latency: { uniform: [10, 90] } },
  discovery: {
    announceDelay: { uniform: [10, 200] },
    lookupDelay: { uniform: [10, 400] },
    ttl: 30_000,
    refresh: 5_000,
    missed: 0.1
  }
}

/** Programs with lasting keys that crash, quit, start again, refuse each other, and are cut off. */
export default async function runs(sim: Simulation): Promise<void> {
  const clock = new JumpingClock()
  const stage = new Stage(sim)
  try {
    for (const program of stage.programs) await program.start()
    stage.shape()
    for (let round = 1; round <= ROUNDS; round++) {
      await stage.chaos(round, clock)
      await stage.settle()
    }
    await Promise.all(stage.programs.map(({ run }) => run!.quit()))
    stage.check(stage.links === 0, `${stage.links} links are left`)
  } finally {
    clock.restore()
    await stage.end()
  }
}

/** The networks and the programs on them. */
class Stage {
  readonly programs: readonly Program[]
  readonly networks: readonly MemoryNetwork[]
  readonly #sim: Simulation
  readonly #random: Random

  constructor(sim: Simulation) {
    this.#sim = sim
    const second = () =>
      new MemoryNetwork({
        name: 'second',
        clock: sim.clock,
        seed: `${sim.seed}/second`,
        link: { latency: { uniform: [1, 300] } },
        discovery: options.discovery!
      })
    this.#random = sim.random('stage')
    this.networks = Number(sim.seed) % 2 === 1 ? [sim.network, second()] : [sim.network]
    this.programs = NAMES.map((name) => new Program(name, sim, this))
  }

  get links(): number {
    return this.networks.reduce((sum, { links }) => sum + links, 0)
  }

  /** A firewall's answer, which in some runs takes its time. */
  verdict(refuses: boolean): boolean | Promise<boolean> {
    if (Number(this.#sim.seed) % 4 < 2) return refuses
    return this.#sim.sleep(this.#random.below(400)).then(() => refuses)
  }

  /** After a failure, so that the failure is not hidden among what is left. */
  async end(): Promise<void> {
    await Promise.all(this.programs.map(({ run }) => run?.networker.close()))
  }

  check(holds: boolean, what: string): void {
    if (!holds) throw new Error(`${what}\n${this.programs.map(({ text }) => text).join('\n')}`)
  }

  async chaos(round: number, clock: JumpingClock): Promise<void> {
    const random = this.#sim.random(`chaos ${round}`)
    const end = this.#sim.now + CHAOS
    const under: Promise<void>[] = []
    while (this.#sim.now < end) {
      await this.#sim.sleep(random.below(4_000))
      const action = ACTIONS[random.below(ACTIONS.length)]!
      const [one, other] = random.shuffle([...this.programs]) as [Program, Program]
      if (!one.run || one.isBusy) continue
      this.#sim.note(`${action.name} ${one.name} ${other.name}`)
      under.push(action({ sim: this.#sim, stage: this, random, clock }, one, other))
    }
    await Promise.all(under)
    for (const network of this.networks) network.heal()
    this.shape()
  }

  /** In some runs, frames come in pieces, or several at once. */
  shape(): void {
    const shape = [{}, { slice: 20 }, { coalesce: 30 }][Number(this.#sim.seed) % 3]!
    if (Object.keys(shape).length === 0) return
    for (const network of this.networks) network.shape(/./, /./, { latency: { uniform: [10, 90] }, ...shape })
  }

  /** All meet, nobody comes or goes after that, and each has greeted the other exactly once. */
  async settle(): Promise<void> {
    const sim = this.#sim
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
    const said = `at ${this.#sim.now}`
    for (const [one, other] of this.#pairs()) one.say(said, one.with(other)!)
    await this.#sim.sleep(2_000)
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

/** A key pair, and its runs one after the other. */
class Program {
  readonly name: string
  readonly keyPair: KeyPair
  /** Whom its firewall refuses, since when (virtual ms). */
  readonly refused = new Map<Program, number>()
  run: RunOfProgram | null = null
  /** All of them, the dead ones too. */
  readonly runs: RunOfProgram[] = []
  /** How often it ran twice at once. */
  copies = 0
  /** While it starts or ends, or a fault of its own lasts. */
  isBusy = false
  readonly #sim: Simulation
  readonly #stage: Stage
  #hosts: readonly Host[] = []

  constructor(name: string, sim: Simulation, stage: Stage) {
    this.name = name
    this.#sim = sim
    this.#stage = stage
    this.keyPair = NoiseSecretStream.keyPair(createHash('sha256').update(`${sim.seed}/${name}`).digest())
  }

  get text(): string {
    return `${this.name}: ${this.run?.log.slice(-40).join('\n   ')}`
  }

  async start(): Promise<void> {
    const { networks } = this.#stage
    if (this.#hosts.length === 0) this.#hosts = networks.map((network) => network.host({ name: this.name }))
    this.run = this.#create(this.#hosts)
    await this.run.networker.configure(TOPIC, { flush: false })
  }

  /** Runs the program a second time, as with a copied store, until it is told to end. */
  async copy(): Promise<() => Promise<void>> {
    const { networks } = this.#stage
    const name = `${this.name}-copy-${this.runs.length}`
    const run = this.#create(networks.map((network) => network.host({ name })))
    this.copies++
    await run.networker.configure(TOPIC, { flush: false })
    return () => run.quit()
  }

  #create(hosts: readonly Host[]): RunOfProgram {
    const { networks, programs } = this.#stage
    const run = new RunOfProgram({
      name: this.name,
      number: this.runs.length + 1,
      keyPair: this.keyPair,
      transports: networks.map((network, i) => network.transport(hosts[i]!)),
      expects: (code) =>
        code === 'TIMEOUT' || (code === 'DUPLICATE_KEY' && programs.some(({ copies }) => copies > 0)),
      refuses: (key) =>
        this.#stage.verdict(programs.some((other) => this.refused.has(other) && other.has(key))),
      admits: (id, handshake) => {
        return programs.some(({ runs }) => runs.some((run) => run.id === id && run.admitted.has(handshake)))
      },
      now: () => this.#sim.now,
      fail: (what) => {
        queueMicrotask(() => {
          throw new Error(what)
        })
      }
    })
    this.runs.push(run)
    return run
  }

  has(key: Uint8Array): boolean {
    return Buffer.compare(this.keyPair.publicKey, key) === 0
  }

  async crash(mode: 'silent' | 'reset'): Promise<void> {
    const { run } = this
    this.run = null
    for (const network of this.#stage.networks) network.kill(this.name, { mode })
    this.#hosts = []
    await run!.die()
  }

  async quit(): Promise<void> {
    const { run } = this
    this.run = null
    await run!.quit()
  }
}

interface Scene {
  readonly sim: Simulation
  readonly stage: Stage
  readonly random: Random
  readonly clock: JumpingClock
}

type Action = (scene: Scene, one: Program, other: Program) => Promise<void>

/** Keeps all other actions off a program meanwhile. */
function alone(work: Action): Action {
  const action: Action = async (scene, one, other) => {
    one.isBusy = true
    await work(scene, one, other)
    one.isBusy = false
  }
  return Object.defineProperty(action, 'name', { value: work.name })
}

const ACTIONS: readonly Action[] = [
  alone(async function crash({ sim, random }, one) {
    const down = random.chance(0.5) ? 0 : random.below(5_000)
    const mode = random.chance(0.7) ? 'silent' : 'reset'
    const dying = one.crash(mode)
    await sim.sleep(down)
    await dying
    await one.start()
  }),
  alone(async function quit({ sim, random }, one) {
    await one.quit()
    await sim.sleep(random.chance(0.5) ? 0 : random.below(5_000))
    await one.start()
  }),
  alone(async function suspend({ sim, random }, one) {
    const { networker } = one.run!
    await networker.suspend()
    await sim.sleep(random.below(5_000))
    await networker.resume()
  }),
  alone(async function copy({ sim, random }, one) {
    const end = await one.copy()
    await sim.sleep(2_000 + random.below(15_000))
    await end()
  }),
  async function jump({ random, clock }) {
    clock.offset = (random.unit() - 0.5) * 48 * HOUR
  },
  async function reset({ stage, random }, one, other) {
    for (const network of stage.networks) if (random.chance(0.7)) network.reset(one.name, other.name)
  },
  async function partition({ sim, stage, random }, one, other) {
    const mode = (['drop', 'hold', 'reset'] as const)[random.below(3)]!
    const oneWay = random.chance(0.3)
    const heals = stage.networks
      .filter(() => random.chance(0.8))
      .map((network) => network.partition(one.name, other.name, { mode, oneWay }))
    await sim.sleep(random.below(15_000))
    for (const heal of heals) heal()
  },
  async function pause({ sim, stage, random }, one) {
    const name = one.name
    const ends = stage.networks.map((network) => network.pause(name))
    await sim.sleep(random.below(12_000))
    for (const end of ends) end()
  },
  async function dial(_, one, other) {
    if (!other.run || other.isBusy) return
    const dials = [one, other].map(async ({ run }, i) => {
      const remote = i === 0 ? other : one
      await run!.networker.connect(remote.keyPair.publicKey).catch(() => {}) // it may be refused, or crash
    })
    await Promise.all(dials)
  },
  async function disconnect({ random }, one, other) {
    const ban = random.chance(0.5) ? random.below(5_000) : 0
    one.run!.networker.disconnect(other.keyPair.publicKey, ban ? { ban } : {})
  },
  async function keep({ sim, random }, one, other) {
    const { networker } = one.run!
    const ended = new AbortController()
    const connected = networker
      .connect(other.keyPair.publicKey, { lasting: true, signal: ended.signal })
      .catch(() => {})
    await sim.sleep(random.below(10_000))
    ended.abort()
    await connected
  },
  async function refuse({ sim, random }, one, other) {
    if (one.refused.has(other)) return
    one.refused.set(other, sim.now)
    if (random.chance(0.7)) one.run!.networker.disconnect(other.keyPair.publicKey)
    await sim.sleep(random.below(25_000))
    one.refused.delete(other)
    const { run } = one
    if (run && !one.isBusy) await run.networker.configure(TOPIC).catch(() => {}) // it may quit meanwhile
  }
]

/** The computers' dates, which are set back and forth. */
class JumpingClock {
  /** Milliseconds. */
  offset = 0
  readonly #date = globalThis.Date

  constructor() {
    const now = () => this.#date.now() + this.offset
    globalThis.Date = new Proxy(this.#date, {
      get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
      construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self)
    })
  }

  restore(): void {
    globalThis.Date = this.#date
  }
}
void IN_FLIGHT
