import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Told, Transcript } from './transcript.js'

const CLI = fileURLToPath(new URL('./cli.js', import.meta.url))
/** How long a child may take to close its sockets and its store (ms). It is killed afterwards. */
const STOP_MS = 10_000

export interface ChildOptions {
  readonly cwd?: string
  /** Variables in addition to those of this process. */
  readonly env?: Record<string, string>
  /** The program to run. @default the cli.js beside this module */
  readonly cli?: string
}

/** A share-file process. It runs with `--json`, so that we can follow what it does. */
export class Child {
  readonly #process: ChildProcess
  readonly #transcript: Transcript
  readonly #exited: Promise<number | null>
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
    this.#transcript = new Transcript(this.#process.stdout!)
    this.#exited = this.#end()
  }

  get pid(): number {
    return this.#process.pid!
  }

  get stderr(): string {
    return this.#stderr
  }

  /** What the process told so far. */
  get told(): readonly Told[] {
    return this.#transcript.told
  }

  /** Resolves with the exit code, or with null when a signal ended the process. */
  get exited(): Promise<number | null> {
    return this.#exited
  }

  /** See {@link Transcript.when}. */
  get when(): Transcript['when'] {
    return this.#transcript.when.bind(this.#transcript)
  }

  /**
   * Sends a signal, by default that of Ctrl+C, and kills the process when it does not end within 10 s. Resolves with
   * the exit code.
   */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (!this.#ended) this.#process.kill(signal)
    const timer = setTimeout(this.#kill, STOP_MS)
    try {
      return await this.#exited
    } finally {
      clearTimeout(timer)
    }
  }

  async #end(): Promise<number | null> {
    const [code] = (await once(this.#process, 'close')) as [number | null]
    this.#ended = true
    process.removeListener('exit', this.#kill)
    this.#transcript.end(this.#stderr)
    return code
  }

  #kill = (): void => {
    if (!this.#ended) this.#process.kill('SIGKILL')
  }
}
