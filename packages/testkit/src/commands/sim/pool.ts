import type { SimulationReport } from '../../simulation/report.js'
import { Child, type ChildOptions, Refusal, RunEnded } from './child.js'
import { type RunProgress, type Task, WORKER } from './protocol.js'

/** Bytes. A process whose resident memory has reached this is not used again. */
const RETIRED = 1024 ** 3

export interface PoolOptions {
  /** The program that {@link WORKER} makes a worker. */
  readonly program: string
  readonly jobs: number
  /** For temporary files, also those of the scenarios. The caller removes it. */
  readonly directory: string
  /** Kills all processes, and so ends all runs. */
  readonly signal: AbortSignal
  readonly onoutput?: ChildOptions['onoutput']
}

export interface PoolRunOptions {
  /** Whether to run in a process that ran nothing before. */
  readonly fresh?: boolean
  readonly onprogress?: (progress: RunProgress) => void
}

/** Worker processes. A process in which a run left something behind is not used again. */
export class Pool {
  readonly #options: PoolOptions
  readonly #idle: Child[] = []
  readonly #all = new Set<Child>()
  readonly #waiting: (() => void)[] = []
  #free: number
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#free = options.jobs
    options.signal.addEventListener('abort', this.#onabort)
  }

  /** @throws RunEnded, Refusal, and the reason of the signal */
  async run(task: Task, { fresh = false, onprogress }: PoolRunOptions = {}): Promise<SimulationReport> {
    await this.#seat()
    try {
      const child = this.#take(fresh)
      try {
        const report = await child.run(task, onprogress)
        this.#giveBack(child, report)
        return report
      } catch (error) {
        // An earlier run may be to blame that the process ended. Then this one gets a second try.
        if (!(error instanceof RunEnded) || child.runs === 1) throw error
      }
      const other = this.#take(true)
      const report = await other.run(task, onprogress)
      this.#giveBack(other, report)
      return report
    } finally {
      this.#leaveSeat()
      this.#check()
    }
  }

  /** Resolves when no process is left, and everything that they printed has been read. */
  async close(): Promise<void> {
    this.#closed = true
    this.#options.signal.removeEventListener('abort', this.#onabort)
    const busy = [...this.#all].filter((child) => !this.#idle.includes(child))
    await Promise.all([...busy.map((child) => child.kill()), ...this.#idle.map((child) => child.end())])
  }

  #onabort = (): void => {
    for (const child of this.#all) child.kill()
  }

  async #seat(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #leaveSeat(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }

  /** Throws when the pool has ended. A run whose process was killed for that did not fail. */
  #check(): void {
    this.#options.signal.throwIfAborted()
    if (this.#closed) throw new Refusal('the runs have ended')
  }

  #take(fresh: boolean): Child {
    this.#check()
    let child = this.#idle.pop()
    while (child && !child.isAlive) child = this.#idle.pop()
    if (child && !fresh) return child
    child?.end()
    return this.#fork()
  }

  #giveBack(child: Child, { leaks, peakMemory }: SimulationReport): void {
    if (leaks.length === 0 && peakMemory < RETIRED && !this.#closed) this.#idle.push(child)
    else child.kill()
  }

  #fork(): Child {
    const { program, directory, onoutput } = this.#options
    // With one thread, RocksDB's work is always done in the same order.
    const temporary = { TMPDIR: directory, TEMP: directory, TMP: directory }
    const env = { ...process.env, ...temporary, UV_THREADPOOL_SIZE: '1' }
    const child = new Child({ program, args: [WORKER], env, onoutput })
    this.#all.add(child)
    child.ended.then(() => this.#all.delete(child))
    return child
  }
}
