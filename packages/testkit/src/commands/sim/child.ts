import { type ChildProcess, fork } from 'node:child_process'
import { LONGEST_TIMEOUT } from '../../longest-timeout.js'
import type { SimulationReport } from '../../simulation/report.js'
import { type Answer, END, type RunProgress, type Task } from './protocol.js'

/** How far a run may exceed its wall limit, as a factor, before its clock ends it. */
const CLOCK_GRACE = 1.5
/** Milliseconds that a run may take beyond that. Then its process is killed. */
const GRACE = 3_000
/** Milliseconds that loading a scenario may take. Then its process is killed. */
const LOADING = 60_000
/** How many characters of a process's output are kept, for the message when the process fails. */
const TAIL = 4_000

/** The scenario cannot run at all, whatever the seed. */
export class Refusal extends Error {}

/** A run ended its process, or its process had to be killed. */
export class RunEnded extends Error {
  /** The seed of the run; undefined when it had not begun. */
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
  /** Called with what the process prints. Without it, the last of that is in the message when the process fails. */
  readonly onoutput?: ((name: 'stdout' | 'stderr', text: Buffer) => void) | undefined
}

/** A worker process. It runs one scenario at a time. */
export class Child {
  readonly #process: ChildProcess
  /** Tells how the process ended, once everything that it printed has been read. */
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

  /** Whether it can run another task. */
  get isAlive(): boolean {
    return this.#process.connected
  }

  /** How many tasks it has begun. */
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

  /** Asks the process to exit. Resolves when it is gone, and everything that it printed has been read. */
  async end(): Promise<void> {
    // Not by disconnect(): after that, Node.js does not tell when everything has been read.
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
    return setTimeout(kill, Math.min(ms, LONGEST_TIMEOUT))
  }

  #describe(how: string): string {
    const tail = this.#tail.trim()
    return `the run ended its process: ${how}${tail && `\n\nIt printed last:\n${tail}`}`
  }
}
