import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Default time limit of a child (ms). Starting Node takes up to 2 s on a busy machine. */
const BOUND = 20_000

export interface ChildOptions {
  args?: readonly string[]
  /** Time limit in milliseconds. The child is killed then, and its end says `timedOut`. @default 20_000 */
  bound?: number
  /** Whether there is an IPC channel. It keeps a child alive that would exit by itself. @default true */
  ipc?: boolean
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** True when it was killed at its time limit. */
  readonly timedOut: boolean
}

/** A script of a test in a process of its own, talking over Node's IPC channel. */
export class Child {
  readonly ended: Promise<ChildEnd>
  readonly #process: ChildProcess
  readonly #messages: unknown[] = []
  readonly #waiting: { resolve(message: unknown): void; reject(error: Error): void }[] = []
  #hasEnded = false

  constructor(script: URL, { args = [], bound = BOUND, ipc = true }: ChildOptions = {}) {
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
    this.#process = ipc
      ? fork(script, args, { stdio: [...stdio, 'ipc'], execArgv: [] })
      : spawn(process.execPath, [fileURLToPath(script), ...args], { stdio })
    this.#process.on('message', (message) => {
      const next = this.#waiting.shift()
      if (next) next.resolve(message)
      else this.#messages.push(message)
    })
    this.ended = this.#end(bound)
  }

  /** The child's next unread message. Rejects with the child's stderr once the child has ended. */
  async message<T>(): Promise<T> {
    if (this.#messages.length > 0) return this.#messages.shift() as T
    if (this.#hasEnded) throw tooEarly(await this.ended)
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ resolve: (message) => resolve(message as T), reject })
    })
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message)
  }

  /** Kills the child, unless it has ended, and waits until it is gone. */
  async kill(): Promise<ChildEnd> {
    if (!this.#hasEnded) this.#process.kill('SIGKILL')
    return this.ended
  }

  #end(bound: number): Promise<ChildEnd> {
    const child = this.#process
    const output = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text
    })

    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, bound)
    const killWithUs = () => child.kill('SIGKILL')
    process.once('exit', killWithUs)

    return new Promise((resolve, reject) => {
      const onended = () => {
        this.#hasEnded = true
        clearTimeout(timer)
        process.removeListener('exit', killWithUs)
      }
      child.once('error', (error) => {
        onended()
        reject(error)
      })
      // 'close' comes after 'exit', when all of its output has been read.
      child.once('close', (code, signal) => {
        onended()
        const end = { code, signal, timedOut, ...output }
        for (const waiting of this.#waiting.splice(0)) waiting.reject(tooEarly(end))
        resolve(end)
      })
    })
  }
}

/** Starts a script for as long as `use` runs, then kills it. */
export async function withChild<T>(
  script: URL,
  options: ChildOptions,
  use: (child: Child) => Promise<T>
): Promise<T> {
  const child = new Child(script, options)
  try {
    return await use(child)
  } finally {
    await child.kill()
  }
}

/** Runs a script to its end. */
export function runChild(script: URL, options: ChildOptions = {}): Promise<ChildEnd> {
  return new Child(script, options).ended
}

function tooEarly({ code, signal, stderr }: ChildEnd): Error {
  return new Error(`the child ended (${signal ?? code}) before it answered:\n${stderr}`)
}
