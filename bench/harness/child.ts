import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Handlers, Request, Response } from './serve.js'

export interface ChildOptions {
  readonly args?: readonly string[]
  /** Arguments of Node, such as `--expose-gc`. */
  readonly execArgv?: readonly string[]
  /** Path of the Node to run it with. @default this one */
  readonly execPath?: string
}

/** A program in a process of its own that answers with `serve`. TypeScript is run through tsx. */
export class Child<H extends Handlers> {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (response: Response) => void>()
  #stderr = ''
  #ids = 0

  constructor(program: URL, { args = [], execArgv = [], execPath = process.execPath }: ChildOptions = {}) {
    const loader = program.pathname.endsWith('.ts') ? ['--import', 'tsx'] : []
    this.#process = fork(fileURLToPath(program), args, {
      execPath,
      execArgv: [...loader, ...execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc']
    })
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#process.on('message', (response: Response) => this.#waiting.get(response.id)?.(response))
    this.#process.once('close', (code, signal) => {
      const error = `the child ended (${signal ?? code}) before it answered:\n${this.#stderr}`
      for (const [id, answer] of this.#waiting) answer({ id, error })
    })
  }

  get pid(): number {
    return this.#process.pid!
  }

  /**
   * Calls a handler of the child.
   *
   * @throws Error what the handler threw, or that the child ended before it answered
   */
  async ask<Name extends string & keyof H>(
    name: Name,
    ...args: Parameters<H[Name]>
  ): Promise<Awaited<ReturnType<H[Name]>>> {
    const id = ++this.#ids
    const request: Request = { id, name, args }
    const response = await new Promise<Response>((resolve) => {
      this.#waiting.set(id, resolve)
      if (!this.#process.connected) resolve({ id, error: `the child has ended:\n${this.#stderr}` })
      else this.#process.send(request)
    }).finally(() => this.#waiting.delete(id))
    if ('error' in response) throw new Error(`${name}: ${response.error}`)
    return response.result as Awaited<ReturnType<H[Name]>>
  }

  /** Ends the process by force, and resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'close')
    this.#process.kill('SIGKILL')
    await gone
  }
}

export type StartChild = <H extends Handlers>(program: URL, options?: ChildOptions) => Child<H>

/** Runs `use`, which may start children. They are gone when this resolves or rejects. */
export async function withChildren<T>(use: (start: StartChild) => Promise<T>): Promise<T> {
  const children: { kill(): Promise<void> }[] = []
  try {
    return await use(<H extends Handlers>(program: URL, options?: ChildOptions) => {
      const child = new Child<H>(program, options)
      children.push(child)
      return child
    })
  } finally {
    await Promise.all(children.map((child) => child.kill()))
  }
}
