import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Child } from '../src/child.js'

export const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
export const DEMO = fileURLToPath(new URL('../dist/demo.js', import.meta.url))

/** A directory and the processes that work in it, all gone after the test. */
export class Workshop implements AsyncDisposable {
  readonly directory: string
  readonly #children: Child[] = []

  private constructor(directory: string) {
    this.directory = directory
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'share-file-test-')))
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  async file(name: string, bytes: number): Promise<string> {
    await writeFile(this.path(name), randomBytes(bytes))
    return this.path(name)
  }

  /** A process in this directory, with a cache of its own. */
  start(...args: string[]): Child {
    const env = { XDG_CACHE_HOME: this.path('cache') }
    const child = new Child(args, { cwd: this.directory, env, cli: CLI })
    this.#children.push(child)
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop('SIGKILL')))
    await rm(this.directory, { recursive: true, force: true })
  }
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, as from a shell. */
export async function run(program: string, args: string[], cwd = tmpdir()): Promise<Outcome> {
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

export async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
