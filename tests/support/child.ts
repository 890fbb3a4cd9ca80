import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How long a child may run unless told otherwise, in ms. Starting Node on a busy machine takes up to 2 s. */
const BOUND = 20_000

export interface ChildOptions {
  args?: readonly string[]
  /** After so many ms the child is killed, and its end says `timedOut`. @default 20_000 */
  bound?: number
  /** An open IPC channel keeps a child alive that would exit by itself. @default true */
  ipc?: boolean
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** True when it had to be killed because its bound had passed. */
  readonly timedOut: boolean
}

/** A script of a test in a process of its own, talking over Node's IPC channel. */
export class Child {
  readonly ended: Promise<ChildEnd>
  readonly #process: ChildProcess
  readonly #messages: unknown[] = []
  readonly #waiting: { resolve(message: unknown): void; reject(error: Error): void }[] = []
  #over = false

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

  /** The next message of the child that nobody has read yet. Rejects, with its stderr, once it has ended. */
  async message<T>(): Promise<T> {
    if (this.#messages.length > 0) return this.#messages.shift() as T
    if (this.#over) throw tooEarly(await this.ended)
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ resolve: (message) => resolve(message as T), reject })
    })
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message)
  }

  /** Kills the child, by its id, and waits until it is gone. Does nothing to one that has ended. */
  async kill(): Promise<ChildEnd> {
    if (!this.#over) this.#process.kill('SIGKILL')
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
      const settle = () => {
        this.#over = true
        clearTimeout(timer)
        process.removeListener('exit', killWithUs)
      }
      child.once('error', (error) => {
        settle()
        reject(error)
      })
      // close, not exit: what it wrote last has been read by then.
      child.once('close', (code, signal) => {
        settle()
        const end = { code, signal, timedOut, ...output }
        for (const waiting of this.#waiting.splice(0)) waiting.reject(tooEarly(end))
        resolve(end)
      })
    })
  }
}

/** Starts a script and hands it to `use`; the process is gone when this returns, whatever happened. */
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
