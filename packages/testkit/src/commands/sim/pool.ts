import type { SimulationReport } from '../../simulation/report.js'
import { Child, type ChildOptions, Refusal, RunEnded } from './child.js'
import type { RunProgress, Task } from './worker.js'

/** The argument that makes the command a worker. */
export const WORKER = '--worker'
/** A process whose resident memory has come to this, in bytes, is not used again. */
const RETIRED = 1024 ** 3

export interface PoolOptions {
  /** The file that {@link WORKER} makes a worker. */
  readonly program: string
  readonly jobs: number
  /** For temporary files, those of the scenarios too. Whoever gives it removes it. */
  readonly directory: string
  /** Ends all processes and runs. */
  readonly signal: AbortSignal
  readonly onoutput?: ChildOptions['onoutput']
}

export interface RunOptions {
  /** In a process that ran nothing before. */
  readonly fresh?: boolean
  readonly onprogress?: (progress: RunProgress) => void
}

/** Processes that run scenarios. One in which a run left something behind is not used again. */
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
  async run(task: Task, { fresh = false, onprogress }: RunOptions = {}): Promise<SimulationReport> {
    await this.#seat()
    try {
      const child = this.#take(fresh)
      try {
        const report = await child.run(task, onprogress)
        this.#giveBack(child, report)
        return report
      } catch (error) {
        // It may have been an earlier run that ended the process.
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

  /** Resolves when no process is left, and all that they printed is read. */
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

  /** A run whose process was killed because all is over did not fail. */
  #check(): void {
    this.#options.signal.throwIfAborted()
    if (this.#closed) throw new Refusal('the runs are over')
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
    // One thread, so that RocksDB's work is done in one order.
    const temporary = { TMPDIR: directory, TEMP: directory, TMP: directory }
    const env = { ...process.env, ...temporary, UV_THREADPOOL_SIZE: '1' }
    const child = new Child({ program, args: [WORKER], env, onoutput })
    this.#all.add(child)
    child.ended.then(() => this.#all.delete(child))
    return child
  }
}
