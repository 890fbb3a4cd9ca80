import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Child } from '../src/child.js'
import { Command } from '../src/command.js'
import { writeRandomFile } from '../src/random-file.js'
import { Transcript } from '../src/transcript.js'

export const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
export const DEMO = fileURLToPath(new URL('../dist/demo.js', import.meta.url))

/** A directory and the commands that work in it. Disposal ends the commands and deletes the directory. */
export class Workshop implements AsyncDisposable {
  readonly directory: string
  readonly #running: { stop(signal: NodeJS.Signals): Promise<unknown> }[] = []

  private constructor(directory: string) {
    this.directory = directory
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'share-file-test-')))
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  /** Makes a file of random bytes. Returns its path. */
  async file(name: string, bytes: number): Promise<string> {
    await writeRandomFile(this.path(name), bytes)
    return this.path(name)
  }

  /** Starts a process of share-file in this directory, with a cache of its own. */
  start(...args: string[]): Child {
    const env = { XDG_CACHE_HOME: this.path('cache') }
    const child = new Child(args, { cwd: this.directory, env, cli: CLI })
    this.#running.push(child)
    return child
  }

  /** Runs share-file in the test's own process, which takes a fifth of the time. Give it absolute paths. */
  startHere(...args: string[]): CommandHere {
    const command = new CommandHere(args)
    this.#running.push(command)
    return command
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((command) => command.stop('SIGKILL')))
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** A share-file command in this process, with the face of a {@link Child}. */
export class CommandHere {
  /** Resolves with the exit code. */
  readonly exited: Promise<number>
  readonly #interrupt = new AbortController()
  readonly #transcript: Transcript
  #stderr = ''

  constructor(args: readonly string[]) {
    const stdout = new PassThrough()
    const stderr = new PassThrough({ encoding: 'utf8' })
    this.#transcript = new Transcript(stdout)
    stderr.on('data', (line: string) => {
      this.#stderr += line
    })
    const command = new Command({ stdout, stderr, signal: this.#interrupt.signal })
    this.exited = command.run([...args, '--json']).finally(async () => {
      stderr.end()
      stdout.end()
      await Promise.all([once(stderr, 'close'), once(stdout, 'close')])
      this.#transcript.end(this.#stderr)
    })
  }

  get stderr(): string {
    return this.#stderr
  }

  get when(): Transcript['when'] {
    return this.#transcript.when.bind(this.#transcript)
  }

  async stop(): Promise<number> {
    this.#interrupt.abort(new Error('stopped'))
    return this.exited
  }
}

export interface RunResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, as from a shell. */
export async function run(program: string, args: string[], cwd = tmpdir()): Promise<RunResult> {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  try {
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close')
    ])
    return { code: code as number | null, stdout, stderr }
  } finally {
    process.removeListener('exit', kill)
  }
}
