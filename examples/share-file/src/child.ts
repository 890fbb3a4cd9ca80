import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Happening } from './events.js'

const CLI = fileURLToPath(new URL('./cli.js', import.meta.url))
/** Milliseconds for a child to close by itself when it is told to; sockets and stores take their time. */
const STOP_BOUND = 10_000

export type Told = Happening & { readonly at: number }
type Named<E extends Told['event']> = Told & { readonly event: E }

export interface ChildOptions {
  readonly cwd?: string
  /** In addition to our own. */
  readonly env?: Record<string, string>
  /** @default beside this module */
  readonly cli?: string
}

/** A share-file process of our own, with `--json` so that it can be followed. */
export class Child {
  /** What it told so far. */
  readonly told: Told[] = []
  readonly #process: ChildProcess
  readonly #exited: Promise<number | null>
  readonly #waiting = new Set<() => void>()
  #stderr = ''
  #ended = false

  constructor(args: readonly string[], { cwd, env, cli = CLI }: ChildOptions = {}) {
    this.#process = spawn(process.execPath, [cli, ...args, '--json'], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    process.once('exit', this.#kill)
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told)
      this.#wake()
    })
    this.#exited = once(this.#process, 'close').then(([code]) => {
      this.#ended = true
      process.removeListener('exit', this.#kill)
      this.#wake()
      return code as number | null
    })
  }

  get pid(): number {
    return this.#process.pid!
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Resolves with its exit code, null when a signal ended it. */
  get exited(): Promise<number | null> {
    return this.#exited
  }

  /** Resolves with the first thing told of this name, and that meets the condition. Rejects when it ends before. */
  async when<E extends Told['event']>(
    event: E,
    condition: (told: Named<E>) => boolean = () => true
  ): Promise<Named<E>> {
    for (;;) {
      const found = this.told.find(
        (told): told is Named<E> => told.event === event && condition(told as Named<E>)
      )
      if (found) return found
      if (this.#ended) throw new Error(`ended before '${event}': ${this.#stderr.trim() || 'without a word'}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** Ends it as a person would, and by force when it does not listen. Resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (!this.#ended) this.#process.kill(signal)
    const timer = setTimeout(this.#kill, STOP_BOUND)
    try {
      return await this.#exited
    } finally {
      clearTimeout(timer)
    }
  }

  #kill = (): void => {
    if (!this.#ended) this.#process.kill('SIGKILL')
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
