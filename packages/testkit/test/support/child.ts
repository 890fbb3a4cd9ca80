import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Milliseconds until a child is killed: less than a test may take, so that no child outlives its test. */
export const CHILD_TIMEOUT = 110_000
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface ChildOptions {
  /** @default the package's directory */
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Called each time that the child prints, with everything that it has printed so far. */
  readonly onprint?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** Runs Node.js until it exits. */
export async function runNode(args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  const { cwd = PACKAGE, env = {}, onprint } = options
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: CHILD_TIMEOUT,
    killSignal: 'SIGKILL'
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    onprint?.(stdout, (signal) => child.kill(signal))
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}

/** Makes a directory for a function, and removes it afterwards. */
export async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'testkit-test-'))
  try {
    await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
