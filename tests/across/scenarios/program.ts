import { createHash } from 'node:crypto'
import type { KeyPair } from '@basestore/networker'
import type { Simulation } from '@basestore/testkit/simulation'
import type { Host, MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { RunOfProgram } from './run-of-program.js'

export const TOPIC = Buffer.alloc(32, 'runs')

interface ProgramContext {
  readonly sim: Simulation
  readonly networks: readonly MemoryNetwork[]
  /** All of them, in the end with this one. */
  readonly programs: readonly Program[]
  /** A firewall's answer, which in some runs takes its time. */
  verdict(refuses: boolean): boolean | Promise<boolean>
}

/** A key pair, and its runs one after the other. */
export class Program {
  readonly name: string
  readonly keyPair: KeyPair
  /** Whom its firewall refuses. */
  readonly refused = new Set<Program>()
  run: RunOfProgram | null = null
  /** All of them, the dead ones too. */
  readonly runs: RunOfProgram[] = []
  /** How often it ran twice at once. */
  copies = 0
  /** While it starts or ends, or a fault of its own lasts. */
  isBusy = false
  readonly #context: ProgramContext
  #hosts: readonly Host[] = []

  constructor(name: string, context: ProgramContext) {
    this.name = name
    this.#context = context
    const seed = createHash('sha256').update(`${context.sim.seed}/${name}`).digest()
    this.keyPair = NoiseSecretStream.keyPair(seed)
  }

  get text(): string {
    return `${this.name}: ${this.run?.log.slice(-40).join('\n   ')}`
  }

  async start(): Promise<void> {
    const { networks } = this.#context
    if (this.#hosts.length === 0) this.#hosts = networks.map((network) => network.host({ name: this.name }))
    this.run = this.#create(this.#hosts)
    await this.run.networker.configure(TOPIC, { flush: false })
  }

  /** Runs the program a second time, as with a copied store, until it is told to end. */
  async copy(): Promise<() => Promise<void>> {
    const { networks } = this.#context
    const name = `${this.name}-copy-${this.runs.length}`
    const run = this.#create(networks.map((network) => network.host({ name })))
    this.copies++
    await run.networker.configure(TOPIC, { flush: false })
    return () => run.quit()
  }

  #create(hosts: readonly Host[]): RunOfProgram {
    const { networks, programs } = this.#context
    const run = new RunOfProgram({
      name: this.name,
      number: this.runs.length + 1,
      keyPair: this.keyPair,
      transports: networks.map((network, i) => network.transport(hosts[i]!)),
      expects: (code) =>
        code === 'TIMEOUT' || (code === 'DUPLICATE_KEY' && programs.some(({ copies }) => copies > 0)),
      refuses: (key) =>
        this.#context.verdict(programs.some((other) => this.refused.has(other) && other.has(key))),
      admits: (id, handshake) => {
        return programs.some(({ runs }) => runs.some((run) => run.id === id && run.admitted.has(handshake)))
      },
      now: () => this.#context.sim.now,
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
    for (const network of this.#context.networks) network.kill(this.name, { mode })
    this.#hosts = []
    await run!.die()
  }

  async quit(): Promise<void> {
    const { run } = this
    this.run = null
    await run!.quit()
  }
}
