import { type ChildProcess, fork } from 'node:child_process'
import type { SimulationReport } from '../../simulation/report.js'
import type { Answer, RunProgress, Task } from './worker.js'

/** What asks a worker to exit. */
export const END = 'end'

/** What the clock allows itself beyond a wall limit, as a factor, before the run ends by itself. */
const CLOCK_GRACE = 1.5
/** What a run may take beyond that, and a file to be loaded, in milliseconds: then its process is killed. */
const GRACE = 3_000
const LOADING = 60_000
/** The longest that a timer of Node can take, in milliseconds. */
const LONGEST = 2 ** 31 - 1
/** Characters kept of what a process prints, for when it fails. */
const TAIL = 4_000

/** The scenario cannot run at all, whatever the seed. */
export class Refusal extends Error {}

/** A run ended its process, or had to be ended with it. */
export class RunEnded extends Error {
  /** That of the run; undefined when it had not begun. */
  readonly seed: number | string | undefined

  constructor(message: string, seed: number | string | undefined) {
    super(message)
    this.seed = seed
  }
}

export interface ChildOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Told of what it prints; without it the end of that is shown when it fails. */
  readonly onoutput?: ((name: 'stdout' | 'stderr', text: Buffer) => void) | undefined
}

/** A process that runs scenarios, one at a time. */
export class Child {
  readonly #process: ChildProcess
  /** How it ended, once all that it printed is read. */
  readonly ended: Promise<string>
  #tail = ''
  #killed: string | undefined
  #runs = 0

  constructor({ program, args, env, onoutput }: ChildOptions) {
    const child = fork(program, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#process = child
    this.ended = new Promise((resolve) => {
      child.on('error', ({ message }) => resolve(message))
      child.once('close', (code, signal) => resolve(this.#killed ?? signal ?? `exit code ${code}`))
    })
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.on('data', (text: Buffer) => {
        if (onoutput) onoutput(name, text)
        else this.#tail = `${this.#tail}${text}`.slice(-TAIL)
      })
    }
  }

  /** Whether it can run another one. */
  get isAlive(): boolean {
    return this.#process.connected
  }

  /** How many runs it has begun. */
  get runs(): number {
    return this.#runs
  }

  /** @throws RunEnded, Refusal */
  async run(task: Task, onprogress?: (progress: RunProgress) => void): Promise<SimulationReport> {
    this.#runs++
    this.#tail = ''
    let seed: number | string | undefined
    let timer = this.#killAfter(LOADING, 'it did not load')
    let onmessage: ((answer: Answer) => void) | undefined
    const answered = new Promise<SimulationReport>((resolve, reject) => {
      onmessage = (answer) => {
        if (answer.type === 'progress') return onprogress?.(answer)
        if (answer.type === 'report') return resolve(answer.report)
        if (answer.type === 'refusal') return reject(new Refusal(answer.message))
        seed = answer.seed
        clearTimeout(timer)
        timer = this.#killAfter(answer.wall * CLOCK_GRACE + GRACE, 'it did not end')
      }
      this.#process.on('message', onmessage)
      this.ended.then((how) => reject(new RunEnded(this.#describe(how), seed)))
    })
    try {
      this.#process.send(task)
      return await answered
    } finally {
      clearTimeout(timer)
      this.#process.removeListener('message', onmessage!)
    }
  }

  /** Lets it exit. Resolves when it is gone, and all that it printed is read. */
  async end(): Promise<void> {
    // Not by disconnect(): after that, Node does not tell when all is read.
    if (this.#process.connected) this.#process.send(END)
    const timer = this.#killAfter(GRACE, 'it did not exit')
    await this.ended
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.ended
  }

  #killAfter(ms: number, what: string): NodeJS.Timeout {
    const kill = (): void => {
      this.#killed = `${what} within ${(ms / 1000).toFixed(1)} s and was killed`
      this.#process.kill('SIGKILL')
    }
    return setTimeout(kill, Math.min(ms, LONGEST))
  }

  #describe(how: string): string {
    const tail = this.#tail.trim()
    return `the run ended its process: ${how}${tail && `\n\nIt printed last:\n${tail}`}`
  }
}
